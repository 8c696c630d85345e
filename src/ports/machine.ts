/**
 * The machine that the agent runs on: its reboot and its services.
 *
 * Contract: `reboot` and `cancelReboot` resolve once systemd has accepted them; a reboot begins within seconds and ends
 * this process by SIGTERM. Both may be called again.
 */
export interface Machine {
  /** Whether another program has scheduled a reboot, as `shutdown -r +1` does, which Puppet's reboot resource calls. */
  hasScheduledReboot(): Promise<boolean>;
  /** @throws MusterError `reboot-failed` (transient) when systemd refuses */
  reboot(): Promise<void>;
  /** Cancels the reboot that `hasScheduledReboot` found. @throws MusterError `reboot-failed` (transient) */
  cancelReboot(): Promise<void>;
  /**
   * Restarts the running ones of these services, in systemd's own order, and waits for them.
   * @returns the services that could not be restarted, or did not come back, each with systemd's reason
   */
  restartServices(units: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}
