/** The holder of the lock, as it described itself. */
export type LockHolder = {
  readonly pid: number;
  readonly what: string;
  readonly since: string;
};

/** The name under which the daemon holds the lock, for all its life. */
export const daemonHolds = "muster daemon";

export type HeldLock = { release(): Promise<void> };

/**
 * The one lock for runs and reconciliation: flock(2), so that it dies with its holder.
 *
 * Contract: a left-over lock file has no effect; its text is only for people.
 */
export interface RunLock {
  /**
   * @param what shown to a refused caller, as `muster run`
   * @param waitMs how long to wait for the holder
   * @param onWait called with the holder, if it has to wait; again when another holds it
   * @throws MusterError `lock-held` (exit 75) with the holder and since when
   */
  acquire(
    what: string,
    waitMs: number,
    signal: AbortSignal,
    onWait: (holder: LockHolder | undefined) => void,
  ): Promise<HeldLock>;
}
