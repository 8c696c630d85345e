// Time of a simulation: it goes on to the next sleeper when there is nothing left to do. For ten thousand sleepers.
import { AsyncLocalStorage } from "node:async_hooks";

import type { Clock } from "../../src/ports/clock.ts";

export interface VirtualTime {
  readonly clock: Clock;
  /** Runs `work` while time passes, until it has ended; the SDK's own timers sleep in virtual time too. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface Sleeper {
  readonly due: number;
  readonly order: number;
  readonly wake: () => void;
  gone: boolean;
}

const inside = new AsyncLocalStorage<boolean>();

/** Whether the simulation asks: everything else in this process keeps its timers. */
function mine(): boolean {
  return inside.getStore() === true;
}

/** @param seed of the chance that jitter is made of: the same run again has the same numbers */
export function createVirtualTime(seed = 1): VirtualTime {
  const start = Date.UTC(2026, 0, 1);
  const sleepers: Sleeper[] = [];
  const random = chance(seed);
  let elapsed = 0;
  let order = 0;

  function add(ms: number, wake: () => void): Sleeper {
    const sleeper = { due: elapsed + Math.max(0, ms), order: (order += 1), wake, gone: false };
    sleepers.push(sleeper);
    up(sleepers, sleepers.length - 1);
    return sleeper;
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the contract: the signal's own reason
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = add(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    function onAbort(): void {
      sleeper.gone = true;
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", onAbort, { once: true });
    return promise;
  }

  async function turn(isOver: () => boolean): Promise<void> {
    while (true) {
      // What can be done without time is done: two turns, because an import of what is loaded takes one.
      for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      if (isOver()) return;
      const first = take(sleepers);
      if (first === undefined) throw new Error("the simulation waits for what never comes");
      if (first.gone) continue;
      elapsed = first.due;
      first.wake();
      // All that are due within the same millisecond.
      while (sleepers[0] !== undefined && sleepers[0].due <= elapsed + 1) take(sleepers)?.wake();
    }
  }

  return {
    clock: {
      now: () => new Date(start + elapsed),
      monotonicMs: () => elapsed,
      uptimeMs: () => 60_000 + elapsed,
      random,
      sleep,
      synchronisation: async () => ({ kind: "synchronised", by: "the simulation" }),
    },
    async during(work) {
      const real = {
        setTimeout: globalThis.setTimeout,
        now: Date.now,
        random: Math.random,
        timeout: AbortSignal.timeout.bind(AbortSignal),
      };
      globalThis.setTimeout = ((act: () => void, ms = 0, ...rest: unknown[]) =>
        mine() ? void add(ms, act) : (real.setTimeout as (...all: unknown[]) => unknown)(act, ms, ...rest)) as never;
      Date.now = () => (mine() ? start + elapsed : real.now());
      Math.random = () => (mine() ? random() : real.random());
      AbortSignal.timeout = (ms) => {
        if (!mine()) return real.timeout(ms);
        const controller = new AbortController();
        add(ms, () => controller.abort(new DOMException("the time is up", "TimeoutError")));
        return controller.signal;
      };
      try {
        let over = false;
        const result = inside.run(true, work).finally(() => (over = true));
        result.catch(() => undefined);
        await turn(() => over);
        return await result;
      } finally {
        Object.assign(globalThis, { setTimeout: real.setTimeout });
        Date.now = real.now;
        Math.random = real.random;
        AbortSignal.timeout = real.timeout;
      }
    },
  };
}

function isBefore(one: Sleeper, other: Sleeper): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

function up(heap: Sleeper[], from: number): void {
  for (let at = from; at > 0;) {
    const parent = (at - 1) >> 1;
    const [child, above] = [heap[at] as Sleeper, heap[parent] as Sleeper];
    if (!isBefore(child, above)) return;
    [heap[at], heap[parent]] = [above, child];
    at = parent;
  }
}

function take(heap: Sleeper[]): Sleeper | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ;) {
    const children = [2 * at + 1, 2 * at + 2].filter((child) => child < heap.length);
    const least = children.reduce(
      (best, child) => (isBefore(heap[child] as Sleeper, heap[best] as Sleeper) ? child : best),
      at,
    );
    if (least === at) return first;
    [heap[at], heap[least]] = [heap[least] as Sleeper, heap[at] as Sleeper];
    at = least;
  }
}

/** Chance that a seed decides: mulberry32. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
