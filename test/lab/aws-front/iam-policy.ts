// Whether a policy lets somebody do something, by the part of IAM's rules that the documented policies use. Pure.
// Sources, in the AWS IAM User Guide: "Policy evaluation logic"; "IAM JSON policy elements: Resource", "… Condition
// operators"; "Multivalued context keys" (ForAllValues is true where the key is absent, hence Null); "IAM policy elements:
// Variables and tags". What is not modelled throws: a test must not pass because a condition was not understood.

export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Conditions;
}

/** By operator, then by key. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

export interface Policy {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** One action on one resource, as the service puts it to IAM. */
export interface Asked {
  /** `ec2:CreateTags` */
  readonly action: string;
  /** Its ARN; `*` where the action knows no resources. */
  readonly resource: string;
  /** By context key; a key that the request does not have is absent, and never an empty list. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

/** A denial counts more than what is allowed, and what nothing allows is denied. */
export function isAllowed(policies: readonly Policy[], asked: Asked): boolean {
  const speaking = policies.flatMap(({ Statement }) => Statement).filter((statement) => speaksOf(statement, asked));
  return speaking.length > 0 && speaking.every(({ Effect }) => Effect === "Allow");
}

function speaksOf({ Action, Resource, Condition = {} }: Statement, asked: Asked): boolean {
  const action = asked.action.toLowerCase();
  if (!listed(Action).some((pattern) => like(pattern.toLowerCase(), action))) return false;
  if (!listed(Resource).some((pattern) => isLikeResource(pattern, asked))) return false;
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) => holds(operator, key, listed(values), asked.context)),
  );
}

function isLikeResource(pattern: string, { resource, context }: Asked): boolean {
  const filled = withVariables(pattern, context);
  return filled !== undefined && like(filled, resource);
}

type Comparison = { readonly is: (pattern: string, value: string) => boolean; readonly negated?: boolean };

const comparisons: Readonly<Record<string, Comparison>> = {
  StringEquals: { is: (pattern, value) => pattern === value },
  StringLike: { is: like },
  StringNotLike: { is: like, negated: true },
  ArnEquals: { is: likeArn },
};

function holds(operator: string, key: string, patterns: readonly string[], context: Asked["context"]): boolean {
  const values = valuesOf(key, context);
  if (operator === "Null") return patterns.every((wanted) => (values === undefined) === (wanted === "true"));
  const [, everyOne, name = ""] = /^(ForAllValues:)?(\w+)$/.exec(operator) ?? [];
  const comparison = comparisons[name];
  if (comparison === undefined) throw new Error(`the lab's IAM does not know the condition operator ${operator}`);
  const { is, negated = false } = comparison;
  if (values === undefined) return everyOne !== undefined || negated;
  if (everyOne === undefined && values.length > 1)
    throw new Error(`${key} has several values, and ${operator} compares one`);
  const filled = patterns.flatMap((pattern) => withVariables(pattern, context) ?? []);
  return values.every((value) => filled.some((pattern) => is(pattern, value)) !== negated);
}

/** Names of keys are the same however they are written. */
function valuesOf(key: string, context: Asked["context"]): readonly string[] | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

/** Undefined where the request does not have the variable: then nothing fits. */
function withVariables(pattern: string, context: Asked["context"]): string | undefined {
  let missing = false;
  const filled = pattern.replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => {
    const [value] = valuesOf(key, context) ?? [];
    missing ||= value === undefined;
    return value ?? "";
  });
  return missing ? undefined : filled;
}

/** `*` is any text, a `/`, `:` or `.` in it too; `?` is one character. */
function like(pattern: string, value: string): boolean {
  const parts = pattern.match(/\*|\?|[^*?]+/g) ?? [];
  const source = parts.map((part) => (part === "*" ? ".*" : part === "?" ? "." : RegExp.escape(part)));
  return new RegExp(`^${source.join("")}$`, "s").test(value);
}

/** Each of the six parts by itself, so that a `*` does not reach over a colon before the last. */
function likeArn(pattern: string, value: string): boolean {
  const [patterns, values] = [partsOf(pattern), partsOf(value)];
  return patterns.length === values.length && patterns.every((part, at) => like(part, values[at] ?? ""));
}

function partsOf(arn: string): readonly string[] {
  const parts = arn.split(":");
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

function listed(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
