import type { ErrorCode } from "./error-codes.ts";
import { MusterError } from "./errors.ts";

/** No answer, or the service is busy: the request was not refused, and nothing is known to be wrong. */
const outages: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "aws-unreachable",
  "aws-timeout",
  "aws-name-unresolved",
  "aws-certificate-refused",
  "aws-connection-refused",
  "aws-no-route",
  "aws-throttled",
  "proxy-credentials-invalid",
  "proxy-refused",
  "proxy-unreachable",
  "balancer-unreachable",
  "balancer-name-unresolved",
  "balancer-connection-refused",
  "balancer-no-route",
  "balancer-socket-denied",
  "balancer-socket-missing",
  "balancer-timeout",
  "dns-unreachable",
  "dns-name-unresolved",
  "dns-connection-refused",
  "dns-no-route",
  "dns-timeout",
]);

/** Whether the services of membership did not answer, instead of refusing. */
export function isOutage(error: unknown): error is MusterError {
  return error instanceof MusterError && outages.has(error.code);
}

/** Whether an account makes too many calls: that says nothing about the instance, and never holds it. */
export function isThrottled(error: unknown): boolean {
  return error instanceof MusterError && error.code === "aws-throttled";
}
