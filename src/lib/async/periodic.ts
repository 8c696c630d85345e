import type { Timer } from "./backoff.ts";

/** An interval that is a quarter shorter to a quarter longer, so that a fleet does not act together. Milliseconds. */
export function jitteredMs(intervalMs: number, timer: Pick<Timer, "random">): number {
  return intervalMs * (0.75 + timer.random() / 2);
}

/** Sleeps for {@link jitteredMs}. @throws the signal's reason */
export async function sleepJittered(intervalMs: number, timer: Timer, signal: AbortSignal): Promise<void> {
  await timer.sleep(jitteredMs(intervalMs, timer), signal);
}
