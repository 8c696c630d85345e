import type { CredentialSourceName } from "../../domain/settings.ts";

/** Where AWS is, which operators may say in a drop-in of the unit; the SDK reads these by itself. */
const places =
  /^AWS_((DEFAULT_)?REGION|ENDPOINT_URL(_\w+)?|IGNORE_CONFIGURED_ENDPOINT_URLS|USE_(DUALSTACK|FIPS)_ENDPOINT|EC2_METADATA_SERVICE_ENDPOINT)$/;

/** What this process does not show to the SDK, to be shown again where other settings say so. */
const hidden = new Map<string, string>();

/**
 * The SDK reads variables and the files in root's `~/.aws` wherever it is not told otherwise: endpoints, retries and
 * whose credentials. With `instance` it gets to see of all that only where AWS is, and no file. With either it leaves the
 * metadata alone, which credentials.ts asks.
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
