import type { CredentialSourceName } from "../../domain/settings/settings.ts";

/**
 * The variables about the way to AWS, which operators may set in a drop-in of the unit. The SDK reads those for
 * endpoints by itself.
 */
const places =
  /^AWS_((DEFAULT_)?REGION|ENDPOINT_URL(_\w+)?|IGNORE_CONFIGURED_ENDPOINT_URLS|USE_(DUALSTACK|FIPS)_ENDPOINT|EC2_METADATA_SERVICE_ENDPOINT(_MODE)?|CA_BUNDLE|MAX_ATTEMPTS)$/;

/** The variables that this process hides from the SDK, to be restored for other settings. */
const hidden = new Map<string, string>();

/**
 * Unless told otherwise, the SDK reads variables and the files in root's `~/.aws`: endpoints, retries and credentials.
 * With `instance` it sees only the variables for endpoints, and no file. With either it leaves the metadata alone,
 * which credentials.ts reads.
 */
export function fenceSdk(credentials: CredentialSourceName, env: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of hidden) env[name] = value;
  hidden.clear();
  for (const name of [...filesVariables, disabledVariable]) if (env[name] === ours[name]) delete env[name];
  if (credentials === "instance") {
    for (const [name, value] of Object.entries(env)) {
      if (!name.startsWith("AWS_") || places.test(name) || value === undefined) continue;
      hidden.set(name, value);
      delete env[name];
    }
    for (const name of filesVariables) env[name] = ours[name];
  }
  env[disabledVariable] ??= ours[disabledVariable];
}

const filesVariables = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] as const;
const disabledVariable = "AWS_EC2_METADATA_DISABLED";
const ours: Readonly<Record<string, string>> = {
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  [disabledVariable]: "true",
};
