/** Whether services that run replaced code may be restarted now. */
export type RestartRule =
  | "now"
  /** The instance serves: services that serve, and those that they depend on, are not interrupted. */
  | "in-service"
  /** The machine reboots next, and every service with it. */
  | "reboot-follows";

/** The decision about services that run replaced code. */
export type RestartPlan = {
  readonly restart: readonly string[];
  /** Services that keep the old code. */
  readonly left: readonly string[];
};

/** Why a service must not be restarted by a patch: only a reboot or an operator restarts it. */
const untouchable: readonly RegExp[] = [
  // The agent itself, and the units of its runs.
  /^muster(-leave|-\d+-[0-9a-f]{4}-.+)?\.service$/,
  // The bus and systemd's own: their clients lose more than a connection.
  /^dbus/,
  /^(systemd-|elogind)/,
  /^(emergency|rescue|rc-local)\.service$/,
  // Logins, and the sessions of users.
  /getty(@|\.service$)/,
  /^autovt@/,
  /^(user|sshd?)@/,
  /^(gdm|kdm|lightdm|lxdm|nodm|sddm|slim|wdm|xdm|display-manager)/,
  // The network that this instance is reached by.
  /^(network|NetworkManager|ModemManager|dhcp|ifup@|wpa_supplicant|wg-quick@)/,
  /^(bird|bluetooth|frr|openvpn|quagga|tinc|(free|libre|open|strong)swan)/,
  // Services whose restart stops other machines or containers.
  /^(docker|libvirt|lxcfs|virtlockd|virtlogd|xendomains|zfs-fuse)/,
  // Jobs that end by themselves: a restart would do the job again.
  /^(apt-daily|unattended-upgrades|dnf-|packagekit|cloud-|cron-)/,
  // Refuses to be stopped by hand.
  /^auditd\./,
];

/**
 * Decides about each service by its name: the careful defaults of needrestart, and the services that muster itself
 * needs.
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
