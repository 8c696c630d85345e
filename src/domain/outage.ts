import type { ErrorCode } from "./error-codes.ts";
import { MusterError } from "./errors.ts";

/** Nobody answers, or everybody is busy: nothing was refused, and nothing is known to be wrong. */
const outages: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "aws-unreachable",
  "aws-timeout",
  "aws-throttled",
  "balancer-unreachable",
  "dns-unreachable",
]);

/** Whether those who decide about membership could not be asked, rather than said no. */
export function isOutage(error: unknown): error is MusterError {
  return error instanceof MusterError && outages.has(error.code);
}
