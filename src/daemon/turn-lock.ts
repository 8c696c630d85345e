import { MusterError } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { LockHolder, RunLock } from "../ports/run-lock.ts";
import { aborted } from "./aborted.ts";

/**
 * Turn-taking within the daemon, which holds the machine's lock for all its life: first come, first served.
 * @param pid of the daemon, for whoever has to wait
 */
export function createTurnLock(clock: Clock, pid: number): RunLock {
  let holder: LockHolder | undefined;
  /** Those who have a turn or wait for one. */
  let queued = 0;
  let last = Promise.resolve();

  return {
    async acquire(what, waitMs, signal, onWait) {
      const before = last;
      const turn = Promise.withResolvers<void>();
      last = before.then(() => turn.promise);
      queued += 1;
      function leave(): void {
        queued -= 1;
        turn.resolve();
      }
      try {
        if (queued > 1) {
          onWait(holder);
          await withinTime(before, waitMs, signal, () => lockHeld(holder));
        }
      } catch (error) {
        leave();
        throw error;
      }
      holder = { pid, what, since: clock.now().toISOString() };
      return {
        async release() {
          holder = undefined;
          leave();
        },
      };
    },
  };

  async function withinTime(
    work: Promise<void>,
    waitMs: number,
    signal: AbortSignal,
    late: () => MusterError,
  ): Promise<void> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      const timeUp = Number.isFinite(waitMs) ? clock.sleep(waitMs, either) : aborted(either);
      const winner = await Promise.race([work.then(() => "turn" as const), timeUp.then(() => "late" as const)]);
      if (winner === "late") throw late();
    } finally {
      over.abort(new Error("over"));
    }
  }
}

function lockHeld(holder: LockHolder | undefined): MusterError {
  const who = holder === undefined ? "another run" : `"${holder.what}" (since ${holder.since})`;
  return new MusterError({
    code: "lock-held",
    message: `The daemon is at work: ${who}`,
    hint: "Wait for it (muster status --wait), or give more time with --lock-wait.",
    transient: true,
  });
}
