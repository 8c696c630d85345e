import type { ErrorCode } from "./error-codes.ts";

/** Errors of usage and of the files that people write: no work began, and the exit status is that of a usage error. */
const usage: ReadonlySet<string> = new Set<ErrorCode>([
  "environment-malformed",
  "instance-file-invalid",
  "instance-file-missing",
  "settings-invalid",
  "settings-missing",
  "settings-unreadable",
  "settings-writable-by-others",
  "usage-duration",
  "usage-invalid-selection",
  "usage-no-catalogue",
  "usage-reason-missing",
  "usage-tag",
  "usage-unknown-action",
  "usage-unknown-code",
  "usage-unknown-format",
  "usage-unknown-reason",
  "usage-unknown-run",
  "usage-unknown-schema",
  "usage-unknown-stage",
]);

/** Failures of the instance metadata service, which the identity stage reports. */
const metadata: ReadonlySet<string> = new Set<ErrorCode>(["imds-disabled", "imds-failed", "imds-unreachable"]);

export function isUsage(code: ErrorCode): boolean {
  return usage.has(code);
}

export function isMetadataFailure(code: ErrorCode): boolean {
  return metadata.has(code);
}
