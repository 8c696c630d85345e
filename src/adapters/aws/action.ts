/** The fields of an SDK command that name its operation. */
export type Described = { readonly schema?: unknown };

/** APIs with another prefix in IAM than their own name: both kinds of balancers share one. */
const prefixes: Readonly<Record<string, string>> = { elasticloadbalancingv2: "elasticloadbalancing" };

/**
 * The IAM action of a command: `elasticloadbalancing:RegisterTargets`. It comes from the SDK's own schema (`[9,
 * "com.amazonaws.ec2", "DescribeTags", …]`), which the build does not minify, unlike the class's name.
 */
export function actionOf({ schema }: Described): string {
  const parts: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const [, namespace, operation] = parts;
  const api = typeof namespace === "string" ? /^com\.amazonaws\.([a-z0-9]+)$/.exec(namespace)?.[1] : undefined;
  if (api === undefined || typeof operation !== "string") throw new Error("this command of the AWS SDK has no schema");
  return `${prefixes[api] ?? api}:${operation}`;
}
