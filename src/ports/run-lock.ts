/** Who holds the lock, as far as it said. */
export type LockHolder = {
  readonly pid: number;
  readonly what: string;
  readonly since: string;
};

/** For what the daemon holds it, for all its life. */
export const daemonHolds = "muster daemon";

export type HeldLock = { release(): Promise<void> };

/**
 * The one lock under which runs and reconciliation happen: flock(2), so that it dies with its holder.
 *
 * Contract: a lock file that is left over means nothing; the holder's words are only for people.
 */
export interface RunLock {
  /**
   * @param what for whoever is refused, as `muster run`
   * @param waitMs how long to wait for a holder
   * @param onWait called once when it has to wait, with the holder
   * @throws MusterError `lock-held` (exit 75), saying who holds it since when
   */
  acquire(
    what: string,
    waitMs: number,
    signal: AbortSignal,
    onWait: (holder: LockHolder | undefined) => void,
  ): Promise<HeldLock>;
}
