import type { Clock } from "../../src/ports/clock.ts";

/** Time that passes only by sleeping: tests of minutes take milliseconds. */
export type FakeClock = Clock & {
  /** What happens at a time, in milliseconds from the start; run when a sleep passes it. */
  at(ms: number, event: () => void | Promise<void>): void;
  advance(ms: number): void;
  /** Sets the wall clock by so many milliseconds. */
  step(ms: number): void;
};

export function createFakeClock(start = new Date("2026-01-01T00:00:00Z")): FakeClock {
  let elapsed = 0;
  let stepped = 0;
  let events: { readonly ms: number; readonly event: () => void | Promise<void> }[] = [];
  return {
    now: () => new Date(start.getTime() + elapsed + stepped),
    monotonicMs: () => elapsed,
    uptimeMs: () => 60_000 + elapsed,
    random: () => 0.5,
    at(ms, event) {
      events = [...events, { ms, event }].toSorted((one, other) => one.ms - other.ms);
    },
    advance(ms) {
      elapsed += ms;
    },
    step(ms) {
      stepped += ms;
    },
    async sleep(ms, signal) {
      signal.throwIfAborted();
      // A turn of the event loop, so that everybody else gets to work.
      await new Promise((resolve) => setImmediate(resolve));
      const until = elapsed + ms;
      while (events[0] !== undefined && events[0].ms <= until) {
        const [{ ms: due, event }] = events as [(typeof events)[0]];
        events = events.slice(1);
        elapsed = Math.max(elapsed, due);
        await event();
        signal.throwIfAborted();
      }
      elapsed = until;
      signal.throwIfAborted();
    },
    synchronisation: () => Promise.reject(new Error("nobody said whether this clock is synchronised")),
  };
}
