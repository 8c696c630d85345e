import type { Clock } from "../ports/clock.ts";

/** What loops that come round say of themselves, and the watchdog asks. */
export type Beats = {
  /** The loop is alive, and says so again within that time. */
  beat(loop: string, withinMs: number): void;
  /** The loop has come to its end. */
  rest(loop: string): void;
  /** Those whose time is up. */
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
