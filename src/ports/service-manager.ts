/**
 * The service manager that supervises the agent: systemd.
 *
 * Contract: the notify calls are no-ops without a supervisor (`NOTIFY_SOCKET` is not set) and never throw; unit calls
 * throw MusterError `systemd-failed`.
 */
export interface ServiceManager {
  ready(): Promise<void>;
  /** The settings are read again: until `ready`. */
  reloading(): Promise<void>;
  /** The line in `systemctl status`. Returns at once; of many in a row the last one is shown. */
  status(text: string): void;
  stopping(): Promise<void>;
  /** How often `alive` has to be called, in milliseconds; undefined without a watchdog. */
  watchdogMs(): number | undefined;
  alive(): Promise<void>;
  /**
   * Starts a unit without waiting for it (`--no-block`). No-op if it is active, and during a shutdown, when systemd
   * starts no unit.
   */
  start(unit: string): Promise<void>;
  /** Stops a unit without waiting for it. No-op when it is inactive. */
  stop(unit: string): Promise<void>;
  /**
   * Orders `unit` after others, and sets how long stopping it may take, by a runtime drop-in; takes effect at once.
   * Repeating it changes nothing.
   */
  orderAfter(unit: string, others: readonly string[], stopWithinMs: number): Promise<void>;
  /** Waits for `cloud-init status --wait` if cloud-init is installed. Never throws for a failure of cloud-init. */
  waitForCloudInit(deadlineMs: number, signal: AbortSignal): Promise<"absent" | "done" | "timed-out">;
}
