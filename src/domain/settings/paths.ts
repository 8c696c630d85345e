/** Every host path and program name of muster, in one place. */

export const settingsFile = "/etc/muster/muster.yaml";
export const settingsDirectory = "/etc/muster/conf.d";
export const localInstanceFile = "/etc/muster/instance.yaml";

/** Survives reboots: journal, mirror, worktrees, wish, cached identity. */
export const stateDirectory = "/var/lib/muster";
/** Emptied by every boot: control socket, lock, exit states of units, secrets. */
export const runtimeDirectory = "/run/muster";
/** A directory a run: its journal and the recording of its events. */
export const runsDirectory = `${stateDirectory}/runs`;
export const logDirectory = "/var/log/muster";

/** The output of units, one file for each unit; the newest are kept. */
export function unitLogFile(unit: string): string {
  return `${logDirectory}/units/${unit}.log`;
}

/** For root and, if it exists, for the group that may read and change tags. */
export const controlSocket = `${runtimeDirectory}/control.sock`;
/** For root alone: runs, membership, pauses, events. */
export const rootSocket = `${runtimeDirectory}/root.sock`;
export const controlGroup = "muster";
export const lockFile = `${runtimeDirectory}/lock`;
/** Held while tags are written to a file. */
export const tagLockFile = `${runtimeDirectory}/tags.lock`;

/** Where Puppet writes counts and messages of a run; valid for one boot, as the exit states of units are. */
export const puppetRunsDirectory = `${runtimeDirectory}/puppet`;

/** What a role excludes, as apt reads it (apt_preferences(5)). */
export const aptPreferences = `${runtimeDirectory}/apt-preferences`;

/** What apt reads besides its own configuration (apt.conf(5), `APT_CONFIG`) when an engine calls it. */
export const aptEngineConfig = `${runtimeDirectory}/apt-engine.conf`;

/** Above the downloads of apt and dnf. */
export const packageCaches = "/var/cache";

/** The distribution, and the version of its repositories. */
export const osRelease = "/etc/os-release";
export const dnfReleasever = "/etc/dnf/vars/releasever";

/** Where facter, and so Puppet, looks for external facts, however it is started. */
export const facterDirectory = "/etc/facter/facts.d";

/** The certificate authorities that the machine trusts. */
export const caBundle = "/etc/ssl/certs/ca-certificates.crt";

/** Runtime drop-ins of systemd units. */
export const unitDropIns = "/run/systemd/system";
/** Where systemd, from 230 on, keeps a file for every transient unit that it knows: systemd.unit(5). */
export const transientUnits = "/run/systemd/transient";

export const catalogueFile = "muster.yaml";

export const units = {
  daemon: "muster.service",
  ready: "muster-ready.target",
  leave: "muster-leave.service",
} as const;

/** Programs are looked up in this fixed PATH, never in the caller's. */
export const programPath = "/opt/puppetlabs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const programs = {
  aptCache: "apt-cache",
  aptGet: "apt-get",
  dd: "dd",
  df: "df",
  dnf: "dnf",
  dnf5: "dnf5",
  dpkg: "dpkg",
  dpkgQuery: "dpkg-query",
  find: "find",
  getent: "getent",
  needrestart: "needrestart",
  git: "git",
  head: "head",
  ip: "ip",
  journalctl: "journalctl",
  flock: "flock",
  mkdir: "mkdir",
  mv: "mv",
  prlimit: "prlimit",
  setsid: "setsid",
  ssh: "ssh",
  stat: "stat",
  sync: "sync",
  nsupdate: "nsupdate",
  dig: "dig",
  puppet: "puppet",
  rpm: "rpm",
  shell: "/bin/sh",
  shutdown: "shutdown",
  systemctl: "systemctl",
  systemdNotify: "systemd-notify",
  systemdRun: "systemd-run",
  timedatectl: "timedatectl",
  cloudInit: "cloud-init",
  uname: "uname",
} as const;
