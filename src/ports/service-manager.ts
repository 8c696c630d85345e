/**
 * The service manager that supervises the agent: systemd.
 *
 * Contract: the notify calls are no-ops when nobody supervises (`NOTIFY_SOCKET` is not set) and never
 * throw; unit calls throw MusterError `systemd-failed`.
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
   * Starts a unit without waiting for it (`--no-block`). No-op when it is active, and when the machine goes down:
   * nothing is started any more then.
   */
  start(unit: string): Promise<void>;
  /** Stops a unit without waiting for it. No-op when it is inactive. */
  stop(unit: string): Promise<void>;
  /**
   * Orders `unit` after others, and says how long stopping it may take, by a runtime drop-in; takes effect at
   * once. The same again changes nothing.
   */
  orderAfter(unit: string, others: readonly string[], stopWithinMs: number): Promise<void>;
  /** Waits for `cloud-init status --wait` where cloud-init is installed. Never throws for what cloud-init did. */
  waitForCloudInit(deadlineMs: number, signal: AbortSignal): Promise<"absent" | "done" | "timed-out">;
}
