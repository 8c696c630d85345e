import type { Clock } from "../../ports/clock.ts";

/** The loops of the daemon report here that they are alive; the watchdog reads it. */
export type Beats = {
  /** The loop is alive, and reports again within this time. */
  beat(loop: string, withinMs: number): void;
  /** The loop has ended. */
  rest(loop: string): void;
  /** The loops that did not report in time. */
  overdue(): readonly string[];
};

export function createBeats(clock: Pick<Clock, "monotonicMs">): Beats {
  const due = new Map<string, number>();
  return {
    beat: (loop, withinMs) => void due.set(loop, clock.monotonicMs() + withinMs),
    rest: (loop) => void due.delete(loop),
    overdue: () => [...due].flatMap(([loop, atMs]) => (atMs < clock.monotonicMs() ? [loop] : [])),
  };
}
