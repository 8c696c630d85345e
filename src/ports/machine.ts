/**
 * The machine that the agent runs on, as far as the agent may stop it, or what runs on it.
 *
 * Contract: `reboot` and `cancelReboot` resolve once systemd has taken them on; a reboot begins within seconds and
 * ends this process by SIGTERM. Both may be called again.
 */
export interface Machine {
  /** Whether somebody else has a reboot scheduled, as `shutdown -r +1` does, which Puppet's reboot resource calls. */
  hasScheduledReboot(): Promise<boolean>;
  /** @throws MusterError `reboot-failed` (transient) when systemd refuses */
  reboot(): Promise<void>;
  /** Takes back what `hasScheduledReboot` tells of. @throws MusterError `reboot-failed` (transient) */
  cancelReboot(): Promise<void>;
  /**
   * Restarts those of the services that run, in the order that systemd knows, and waits for them.
   * @returns those that could not be, or did not come back, each with the reason in systemd's words
   */
  restartServices(units: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}
