import type { ErrorCode } from "./error-codes.ts";
import { redact } from "../redact/redact.ts";

/** What a {@link MusterError} is made of. */
export type MusterErrorDetails = {
  /** Stable; `docs/errors.md` explains each. */
  readonly code: ErrorCode;
  /** What happened and where, one sentence, never a secret. */
  readonly message: string;
  /** What the operator can do next. */
  readonly hint: string;
  readonly cause?: unknown;
  /** True when the same call may succeed later without anyone changing anything (network, lock, throttle). */
  readonly transient?: boolean;
  /** How long the server asked to wait before the next attempt, in milliseconds. Backoff waits at least that long. */
  readonly retryAfterMs?: number | undefined;
  /** Names of what failed (checks, resources). Readers other than root see only this and the code. */
  readonly subjects?: readonly string[] | undefined;
  /** What another party said, where the message quotes it and views show it by itself. */
  readonly quoted?: string | undefined;
};

/** An error that a user can meet. Bugs stay plain errors. */
export class MusterError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly transient: boolean;
  readonly retryAfterMs: number | undefined;
  readonly subjects: readonly string[] | undefined;
  readonly quoted: string | undefined;

  constructor(details: MusterErrorDetails) {
    // An error may quote a secret: it is redacted here, for every place that shows it.
    super(redact(details.message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "MusterError";
    this.code = details.code;
    this.hint = redact(details.hint);
    this.subjects = details.subjects?.map(redact);
    this.quoted = details.quoted === undefined ? undefined : redact(details.quoted);
    this.transient = details.transient ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** An error as the journal, status and events hold it. */
export type ErrorReport = {
  /** Of any version of muster: an older or newer one has codes that this one does not know. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Names of what failed; absent if the code says all that readers other than root may know. */
  readonly subjects?: readonly string[];
  /** What another party said, as the message quotes it; absent in what an older binary wrote. */
  readonly quoted?: string;
};

/** Any thrown value as a report; a bug gets the code `internal` and keeps its message. */
export function reportOf(thrown: unknown): ErrorReport & { readonly code: ErrorCode } {
  if (thrown instanceof MusterError) {
    const { code, message, hint, subjects, quoted } = thrown;
    return {
      code,
      message,
      hint,
      ...(subjects === undefined ? {} : { subjects }),
      ...(quoted === undefined ? {} : { quoted }),
    };
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return {
    code: "internal",
    message: redact(message),
    hint: "This is a bug in muster: please report it with what this gathers: muster bundle",
  };
}

/** Whether a retry may succeed. */
export function isTransient(thrown: unknown): boolean {
  return thrown instanceof MusterError && thrown.transient;
}
