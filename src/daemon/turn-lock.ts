import { MusterError } from "../domain/errors/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { LockHolder, RunLock } from "../ports/run-lock.ts";
import { withinDeadline } from "../lib/async/deadline.ts";
import { createSerial } from "../lib/async/serial.ts";

/**
 * Turn-taking within the daemon, which holds the machine's lock for all its life: first come, first served.
 * @param pid of the daemon, for the message to a waiting caller
 */
export function createTurnLock(clock: Clock, pid: number): RunLock {
  let holder: LockHolder | undefined;
  const turns = createSerial();

  return {
    async acquire(what, waitMs, signal, onWait) {
      const leave = await takeTurn(waitMs, signal, onWait);
      holder = { pid, what, since: clock.now().toISOString() };
      return {
        async release() {
          holder = undefined;
          leave();
        },
      };
    },
  };

  async function takeTurn(
    waitMs: number,
    signal: AbortSignal,
    onWait: (holder: LockHolder | undefined) => void,
  ): Promise<() => void> {
    if (turns.pending() === 0) return turns.take();
    onWait(holder);
    return withinDeadline(
      waitMs,
      clock,
      signal,
      (bounded) => turns.take(bounded),
      () => lockHeld(holder),
    );
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
