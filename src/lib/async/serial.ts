import { abortable } from "./abortable.ts";

/** Runs pieces of work one after the other, first come, first served. */
export type Serial = {
  /**
   * Waits for everything before it to end, well or not.
   * @param signal ends the waiting
   * @returns gives the turn to the next
   * @throws the signal's reason
   */
  take(signal?: AbortSignal): Promise<() => void>;
  /**
   * Runs the work in a turn of its own.
   * @param signal ends the waiting for the turn, and never the work
   * @throws the signal's reason; what the work throws
   */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result>;
  /** How many turns are taken or waited for. */
  pending(): number;
};

export function createSerial(): Serial {
  let last: Promise<void> = Promise.resolve();
  let pending = 0;

  async function take(signal?: AbortSignal): Promise<() => void> {
    const before = last;
    const turn = Promise.withResolvers<void>();
    // A turn that is given up while it waits still waits for those before it.
    last = before.then(() => turn.promise);
    pending += 1;
    function release(): void {
      pending -= 1;
      turn.resolve();
    }
    try {
      await (signal === undefined ? before : abortable(before, signal));
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  return {
    take,
    async run(work, signal) {
      const release = await take(signal);
      try {
        return await work();
      } finally {
        release();
      }
    },
    pending: () => pending,
  };
}
