import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  /** What is waited for, for the error: "nginx answers". */
  what: string;
  /** Milliseconds, 60,000 if not said. */
  timeout?: number;
  /** Milliseconds between two looks, 100 if not said. */
  every?: number;
  /** Adds to the error what helps to understand it (a journal, a console). */
  explain?: () => Promise<string>;
}

/**
 * Asks until the answer is truthy, and returns it. A `look` that throws says "not yet"; its last
 * error becomes the cause of ours when the time is out.
 */
export async function waitFor<T>(look: () => T | Promise<T>, options: WaitOptions): Promise<NonNullable<T>> {
  const { what, timeout = 60_000, every = 100, explain } = options;
  const end = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await look();
      if (answer) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) break;
    await sleep(every);
  }
  const why = cause instanceof Error ? `; last error: ${cause.message}` : "";
  const more = explain ? `\n${await explain()}` : "";
  throw new Error(`waited ${timeout} ms in vain for this: ${what}${why}${more}`, { cause });
}
