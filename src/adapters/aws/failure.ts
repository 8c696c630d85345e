import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { retryAfterOf } from "./retry-after.ts";
import { NoCredentials } from "./credentials.ts";
import { noConnection } from "./no-connection.ts";
import { ProxyFailure } from "./proxy-failure.ts";

/** The names of throttling errors; each service has its own. */
const throttles =
  /^(Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|TooManyRequests(Exception)?|RequestThrottled(Exception)?|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete)$/;

/** Whether a service throttled a call. */
export function isThrottle(error: unknown): boolean {
  return isNamed(error, throttles);
}

const denials = /^(AccessDenied(Exception)?|UnauthorizedOperation|UnauthorizedAccess|NotAuthorized)$/;

const staleCredentials =
  /^(ExpiredToken(Exception)?|RequestExpired|InvalidClientTokenId|UnrecognizedClientException|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|IncompleteSignature|MissingAuthenticationToken)$/;

/** Whether an error of the SDK has this name; the service sets it. */
export function isNamed(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.name);
}

/** Names of errors about an instance: this one itself, whose id comes from IMDS and is not mistyped. */
const ofInstance = /^(InvalidInstanceID\.NotFound|InvalidInstance|InvalidEndPointException|InvalidTarget(Exception)?)$/;

/**
 * Whether the instance is not known everywhere yet, or not running yet (EC2 API Reference, "Eventual consistency").
 * Other complaints about a target, as about its VPC, need a person.
 */
function isTooEarly(error: unknown): boolean {
  if (!(error instanceof Error) || !isNamed(error, ofInstance)) return false;
  return /do(es)? not exist|could not find|not in a running state/i.test(error.message);
}

/**
 * An error of the SDK in words, with a remedy. Transient are: networks, throttling, malformed answers, missing
 * credentials, and a denial or an unknown instance, because a new role and a new instance take a while to be known
 * everywhere. It contains nothing of the request.
 * @param signedBy the source of the credentials, if known
 */
export function awsFailure(operation: string, error: unknown, signedBy?: string): MusterError {
  if (error instanceof MusterError) return error;
  if (isThrottle(error)) {
    return failure(operation, error, {
      code: "aws-throttled",
      words: "is throttled: this account makes too many such calls",
      hint: "Look for what else calls the same API in this account and region.",
      transient: true,
    });
  }
  if (isNamed(error, denials)) {
    return failure(operation, error, {
      code: "aws-access-denied",
      words: `is not allowed to ${signedBy ?? "this instance's role"}`,
      hint: `Allow ${operation} in the instance profile (docs/aws.md lists every permission); a new role takes time to be known.`,
      transient: true,
    });
  }
  if (isNamed(error, staleCredentials)) {
    return failure(operation, error, {
      code: "aws-credentials-refused",
      words: `was refused for its credentials or its time stamp${signedBy === undefined ? "" : ` (${signedBy})`}`,
      hint: "They are fetched anew; if it lasts, check the clock (timedatectl) and the instance profile.",
      transient: true,
    });
  }
  if (isNamed(error, /^CredentialsProviderError$/)) {
    return failure(operation, error, {
      code: "aws-credentials-missing",
      words: `has no credentials to be signed with${error instanceof NoCredentials ? `: ${error.message}` : ""}`,
      hint: "Attach an instance profile to this instance, and see that IMDS is reachable.",
      transient: true,
    });
  }
  if (error instanceof ProxyFailure) {
    return failure(operation, error, { code: error.kind, words: error.message, hint: error.hint, transient: true });
  }
  const status = statusOf(error);
  const cause = status === undefined ? noConnection(error) : undefined;
  if (cause !== undefined) return failure(operation, error, { ...cause, transient: true });
  // A good status with a malformed answer comes from a proxy or a portal.
  const unusable = status === undefined || status < 400;
  if (unusable || status >= 500 || status === 429) {
    return failure(operation, error, {
      code: "aws-unreachable",
      words: unusable ? "got no usable answer" : `got an error of AWS itself (HTTP ${status})`,
      hint: "Check routes and endpoints of this subnet, and the AWS status page.",
      transient: true,
    });
  }
  const early = isTooEarly(error);
  return failure(operation, error, {
    code: "aws-refused",
    words: `was refused: ${error instanceof Error ? `${error.name}: ${error.message.slice(0, 300)}` : "unknown"}`,
    hint: early
      ? "A new instance takes a while to be known everywhere, so wait a little; if it lasts, the credentials may be another account's."
      : "AWS says what is wrong with the request; check the names in the catalogue.",
    transient: early,
  });
}

function failure(
  operation: string,
  cause: unknown,
  { code, words, hint, transient }: { code: ErrorCode; words: string; hint: string; transient: boolean },
): MusterError {
  const retryAfterMs = retryAfterOf(cause, Date.now());
  return new MusterError({ code, message: `${operation} ${words}`, hint, cause, transient, retryAfterMs });
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata: unknown = error.$metadata;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  const { httpStatusCode } = metadata;
  return typeof httpStatusCode === "number" ? httpStatusCode : undefined;
}
