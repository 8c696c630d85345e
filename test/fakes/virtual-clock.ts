import type { Clock, ClockSync } from "../../src/ports/clock.ts";

/** Time that several can sleep in at once: it goes on to the next who wakes when nobody has anything to do. */
export type VirtualClock = Clock & {
  /** What `synchronisation` says. */
  sync: ClockSync;
  /** From now on time passes only by `advance`. */
  freeze(): void;
  /** Lets `ms` pass, and everybody work who wakes meanwhile. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock by so many milliseconds; nobody wakes up for it. */
  step(ms: number): void;
  /** Who still sleeps: what a test leaves behind is a wait without an end. */
  sleepers(): number;
};

type Sleeper = { readonly due: number; wake(): void };

export function createVirtualClock(start = new Date("2026-01-01T00:00:00Z")): VirtualClock {
  const sleepers = new Set<Sleeper>();
  let elapsed = 0;
  let stepped = 0;
  /** Time does not go beyond this by itself. */
  let limit = Number.POSITIVE_INFINITY;
  let turning = false;

  function next(): Sleeper | undefined {
    return [...sleepers].toSorted((one, other) => one.due - other.due)[0];
  }

  async function turn(): Promise<void> {
    if (turning) return;
    turning = true;
    while (true) {
      await idle();
      const first = next();
      if (first === undefined || first.due > limit) break;
      elapsed = Math.max(elapsed, first.due);
      sleepers.delete(first);
      first.wake();
    }
    turning = false;
  }

  const clock: VirtualClock = {
    sync: { kind: "synchronised", by: "a test" },
    now: () => new Date(start.getTime() + elapsed + stepped),
    monotonicMs: () => elapsed,
    uptimeMs: () => 60_000 + elapsed,
    random: () => 0.5,
    sleep(ms, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the contract: the signal's own reason
      if (signal.aborted) return Promise.reject(signal.reason);
      const sleeper = { due: elapsed + ms, wake: resolve };
      sleepers.add(sleeper);
      function onAbort(): void {
        sleepers.delete(sleeper);
        reject(signal.reason);
      }
      signal.addEventListener("abort", onAbort, { once: true });
      void turn();
      return promise.finally(() => signal.removeEventListener("abort", onAbort));
    },
    synchronisation: async () => clock.sync,
    freeze() {
      limit = elapsed;
    },
    async advance(ms) {
      limit = elapsed + ms;
      do {
        await turn();
        await idle();
      } while ((next()?.due ?? Number.POSITIVE_INFINITY) <= limit);
      elapsed = limit;
    },
    step(ms) {
      stepped += ms;
    },
    sleepers: () => sleepers.size,
  };
  return clock;
}

/** Lets everybody finish who can without time passing. */
async function idle(): Promise<void> {
  for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
