import { setTimeout as sleep } from "node:timers/promises";
import type { Timer } from "../../lib/async/backoff.ts";

/** The machine's time and chance, for the async kit. */
export const timer: Timer = {
  random: () => Math.random(),
  async sleep(ms, signal) {
    signal.throwIfAborted();
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};
