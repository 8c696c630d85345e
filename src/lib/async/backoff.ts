/**
 * The async kit: every wait between attempts, deadline, queue and interval of the product is made here. It imports
 * nothing and touches nothing: time and chance come in as a {@link Timer}, which ports/clock.ts provides.
 *
 *   backoff.ts   the wait between attempts, with jitter, never shorter than the server asked for
 *   periodic.ts  intervals that differ from instance to instance
 *   deadline.ts  a signal that aborts when the time is up
 *   serial.ts    one after the other
 *   first.ts     several pieces of work side by side, until the first ends
 *   report.ts    the same thing is reported once
 *   abortable.ts, aborted.ts  promises that end with a signal
 *
 * test/unit/lint/async-kit.test.ts keeps hand-made copies out of `src`.
 */

/** What the kit needs of a clock. */
export type Timer = {
  /** Resolves after `ms`; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** From 0 (inclusive) to 1 (exclusive). */
  random(): number;
};

/** How long to wait between attempts. Milliseconds. */
export type Backoff = {
  readonly firstMs: number;
  readonly maxMs: number;
  /**
   * `full` (the default): from 0 to the cap, so that a fleet that failed together does not come back together.
   * `upper-half`: from half of the cap to the cap, where an attempt at once would only repeat the failure.
   */
  readonly jitter?: "full" | "upper-half";
};

/** A server that asks for more is asked again after this time all the same. Milliseconds. */
const longestRetryAfterMs = 10 * 60_000;

/**
 * The wait before attempt `attempt + 1`. The cap doubles with each attempt, up to `maxMs`.
 * @param attempt how many attempts failed, from 1
 * @param error what failed: its `retryAfterMs`, where a server gave one (Retry-After, RFC 9110 section 10.2.3), is the
 *   least that is waited, and jitter comes on top of it, because the whole fleet may have been given the same time
 */
export function backoffMs(backoff: Backoff, attempt: number, timer: Pick<Timer, "random">, error?: unknown): number {
  const cap = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  const chance = timer.random();
  const wait = cap * (backoff.jitter === "upper-half" ? 0.5 + chance / 2 : chance);
  const asked = Math.min(retryAfterMs(error), longestRetryAfterMs);
  return Math.round(asked > wait ? asked * (1 + chance / 4) : wait);
}

/** Sleeps for {@link backoffMs}. @throws the signal's reason */
export async function backOff(
  backoff: Backoff,
  attempt: number,
  timer: Timer,
  signal: AbortSignal,
  error?: unknown,
): Promise<void> {
  await timer.sleep(backoffMs(backoff, attempt, timer, error), signal);
}

function retryAfterMs(error: unknown): number {
  if (typeof error !== "object" || error === null || !("retryAfterMs" in error)) return 0;
  const { retryAfterMs: asked } = error;
  return typeof asked === "number" && asked > 0 ? asked : 0;
}
