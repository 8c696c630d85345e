import { abortable } from "./abortable.ts";
import type { Timer } from "./backoff.ts";

/** A bound in time for a piece of work. */
export type Deadline = {
  /** Aborts when the time is up, or as soon as the outer signal does. */
  readonly signal: AbortSignal;
  /** Whether the time is up. False where the outer signal aborted first. */
  isOver(): boolean;
  /** Frees the timer: to be called when the work is done. The signal aborts then. */
  end(): void;
};

/**
 * A signal that aborts after `limitMs`; the outer signal aborts it too.
 * @param limitMs Infinity: it has no limit of its own
 */
export function createDeadline(limitMs: number, timer: Pick<Timer, "sleep">, outer: AbortSignal): Deadline {
  const timeUp = new AbortController();
  const done = new AbortController();
  if (Number.isFinite(limitMs)) {
    timer.sleep(limitMs, AbortSignal.any([outer, done.signal])).then(
      () => timeUp.abort(new Error("the time is up")),
      () => undefined,
    );
  }
  return {
    signal: AbortSignal.any([outer, timeUp.signal, done.signal]),
    isOver: () => timeUp.signal.aborted,
    end: () => done.abort(new Error("the work is done")),
  };
}

/**
 * Waits for work that honours its signal, and no longer than `limitMs`.
 * @throws what `late` makes when the time is up; the outer signal's reason; what the work throws
 */
export async function withinDeadline<Result>(
  limitMs: number,
  timer: Pick<Timer, "sleep">,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
  late: () => Error,
): Promise<Result> {
  const deadline = createDeadline(limitMs, timer, outer);
  try {
    return await work(deadline.signal);
  } catch (error) {
    outer.throwIfAborted();
    throw deadline.isOver() ? late() : error;
  } finally {
    deadline.end();
  }
}

/**
 * Waits for work that may not honour its signal, and no longer than `limitMs`.
 * @returns `late` when the time is up: the work is left behind then, and its failure is not reported
 * @throws the outer signal's reason, as soon as it aborts; what the work throws
 */
export async function answerWithin<Result>(
  limitMs: number,
  timer: Pick<Timer, "sleep">,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | "late"> {
  const deadline = createDeadline(limitMs, timer, outer);
  try {
    const result = await abortable(work(deadline.signal), deadline.signal);
    outer.throwIfAborted();
    return deadline.isOver() ? "late" : result;
  } catch (error) {
    outer.throwIfAborted();
    if (deadline.isOver()) return "late";
    throw error;
  } finally {
    deadline.end();
  }
}
