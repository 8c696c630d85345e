/** Whether services that run replaced code may be restarted now. */
export type RestartRule =
  | "now"
  /** The instance serves: what serves is not interrupted, nor what it depends on. */
  | "in-service"
  /** The machine reboots next, and with it everything. */
  | "reboot-follows";

/** What becomes of services that run replaced code. */
export type RestartPlan = {
  readonly restart: readonly string[];
  /** Those that run on with it. */
  readonly left: readonly string[];
};

/** What a service runs on that must not be interrupted by its own patching: only a reboot, or a person, restarts it. */
const untouchable: readonly RegExp[] = [
  // The agent itself, and the units of its runs.
  /^muster(-leave|-\d+-[0-9a-f]{4}-.+)?\.service$/,
  // The bus and systemd's own: whoever is connected to them loses more than a connection.
  /^dbus/,
  /^(systemd-|elogind)/,
  /^(emergency|rescue|rc-local)\.service$/,
  // Logins, and whoever is logged in.
  /getty(@|\.service$)/,
  /^autovt@/,
  /^(user|sshd?)@/,
  /^(gdm|kdm|lightdm|lxdm|nodm|sddm|slim|wdm|xdm|display-manager)/,
  // The network that this instance is reached by.
  /^(network|NetworkManager|ModemManager|dhcp|ifup@|wpa_supplicant|wg-quick@)/,
  /^(bird|bluetooth|frr|openvpn|quagga|tinc|(free|libre|open|strong)swan)/,
  // What takes other machines, or containers, down with it.
  /^(docker|libvirt|lxcfs|virtlockd|virtlogd|xendomains|zfs-fuse)/,
  // Jobs that end by themselves: to restart one is to do it again.
  /^(apt-daily|unattended-upgrades|dnf-|packagekit|cloud-|cron-)/,
  // Refuses to be stopped by hand.
  /^auditd\./,
];

/**
 * Decides about each service by its name: the careful defaults of needrestart, and what muster itself stands on.
 * @param outdated services that run replaced code, as `nginx.service`
 */
export function planRestarts(outdated: readonly string[], rule: RestartRule): RestartPlan {
  switch (rule) {
    case "reboot-follows":
      return { restart: [], left: [] };
    case "in-service":
      return { restart: [], left: outdated };
    case "now":
      return { restart: outdated.filter((unit) => !isUntouchable(unit)), left: outdated.filter(isUntouchable) };
  }
}

function isUntouchable(unit: string): boolean {
  return untouchable.some((pattern) => pattern.test(unit));
}
