import { abortable } from "../../lib/async/abortable.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { CloudCall } from "../../domain/run/events.ts";
import { actionOf, type Described } from "./action.ts";
import type { CredentialSource } from "./credentials.ts";
import { awsFailure, isNamed, isThrottle } from "./failure.ts";
import type { Transport } from "./transport.ts";
import type { OnUnknown } from "./unknown-values.ts";

/** The inputs of every AWS adapter. */
export type AwsDeps = {
  /** Of this instance, from IMDS unless the environment sets it (AWS_REGION). */
  readonly region: (signal: AbortSignal) => Promise<string>;
  readonly onCall: (call: CloudCall) => void;
  readonly monotonicMs: () => number;
  /** Absent: by the SDK's own chain. */
  readonly credentials?: CredentialSource;
  /**
   * How often credentials were refused, a call was denied, or no answer came in time: cached credentials and clients
   * are dropped after that.
   */
  readonly refusals?: { count: number };
  /**
   * Looks again which instance this is, where a failure may mean that it is another one than before. It says what differs,
   * and the next call uses what it found.
   */
  readonly lookAgain?: (signal: AbortSignal) => Promise<string | undefined>;
  /** Absent: words that this version does not know are not said. */
  readonly onUnknown?: OnUnknown | undefined;
  /** Of one call; absent: 5. */
  readonly maxAttempts?: number;
  /** Absent: no proxy, and the authorities of the machine. */
  readonly transport?: Transport;
  /** Puts another transport under a client, with its retries; absent: the network. The fleet's simulation has one. */
  readonly wire?: <Client extends object>(client: Client) => Client;
};

/** All attempts of one call together, in milliseconds. */
const callMs = 45_000;

type Metadata = { readonly requestId?: string | undefined; readonly attempts?: number | undefined };

/** The output of every command has the response's metadata. */
export type AwsOutput = { readonly $metadata: Metadata };

type Next<Args, Result> = (args: Args) => Promise<Result>;

/**
 * The parts of an SDK command that a call needs: the operation, and a hook for each attempt, as the SDK retries by
 * itself.
 */
export type AwsCommand = Described & {
  readonly middlewareStack: {
    add(
      middleware: <Args, Result>(next: Next<Args, Result>) => Next<Args, Result>,
      place: { readonly step: "finalizeRequest"; readonly priority: "low"; readonly name: string },
    ): void;
  };
};

/**
 * Makes one call: bounded, recorded, with failures in plain words under the IAM action.
 * @throws MusterError see failure.ts; failures that may pass are transient
 */
export async function call<Output extends AwsOutput>(
  deps: AwsDeps,
  command: AwsCommand,
  signal: AbortSignal,
  send: (options: { readonly abortSignal: AbortSignal }) => Promise<Output>,
): Promise<Output> {
  const operation = actionOf(command);
  const begun = deps.monotonicMs();
  const timeUp = AbortSignal.timeout(callMs);
  const throttles = countThrottles(command);
  function record(metadata: Metadata, failure?: string): void {
    const { attempts = 1, requestId } = metadata;
    const throttled = throttles() === 0 ? undefined : throttles();
    deps.onCall({ operation, durationMs: deps.monotonicMs() - begun, attempts, throttled, requestId, failure });
  }
  try {
    const abortSignal = AbortSignal.any([signal, timeUp]);
    // The SDK passes the signal to requests and pauses, but not to its sources of credentials: it would wait without
    // end for a `credential_process`, or for slow metadata.
    const output = await abortable(send({ abortSignal }), abortSignal);
    record(output.$metadata);
    return output;
  } catch (error) {
    record(metadataOf(error), nameOf(error));
    signal.throwIfAborted();
    const failure = timeUp.aborted ? tooSlow(operation, error) : awsFailure(operation, error, deps.credentials?.used());
    if ((timeUp.aborted || isForAnotherClient(failure)) && deps.refusals !== undefined) deps.refusals.count += 1;
    const other = mayBeAnother(failure) ? await deps.lookAgain?.(signal) : undefined;
    throw other === undefined ? failure : withWords(failure, other);
  }
}

/** Denied, or an unknown instance: the credentials or the id may be those of another one. */
function mayBeAnother(failure: MusterError): boolean {
  return isForAnotherClient(failure) || (failure.code === "aws-refused" && failure.transient);
}

function withWords({ code, message, hint, cause, transient, retryAfterMs }: MusterError, words: string): MusterError {
  return new MusterError({ code, message: `${message}; ${words}`, hint, cause, transient, retryAfterMs });
}

/** Counts the attempts of one command that AWS throttled. */
function countThrottles({ middlewareStack }: AwsCommand): () => number {
  let throttled = 0;
  middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (isThrottle(error)) throttled += 1;
        throw error;
      }
    },
    { step: "finalizeRequest", priority: "low", name: "musterThrottles" },
  );
  return () => throttled;
}

/**
 * A client keeps its credentials, and waits on for missing ones. A denial may belong to a former role of the instance.
 */
function isForAnotherClient({ code }: MusterError): boolean {
  return code === "aws-credentials-refused" || code === "aws-access-denied";
}

function metadataOf(error: unknown): Metadata {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return {};
  const metadata: unknown = error.$metadata;
  if (typeof metadata !== "object" || metadata === null) return {};
  return {
    ...("requestId" in metadata && typeof metadata.requestId === "string" ? { requestId: metadata.requestId } : {}),
    ...("attempts" in metadata && typeof metadata.attempts === "number" ? { attempts: metadata.attempts } : {}),
  };
}

/** Undefined for the answer of a dry run that would have been allowed. */
function nameOf(error: unknown): string | undefined {
  if (isNamed(error, /^DryRunOperation$/)) return undefined;
  return error instanceof Error ? error.name : "unknown";
}

function tooSlow(operation: string, cause: unknown): MusterError {
  return new MusterError({
    code: "aws-timeout",
    message: `AWS did not answer ${operation} within ${callMs / 1000} s`,
    hint: "Check routes, security groups and endpoints of this subnet.",
    cause,
    transient: true,
  });
}
