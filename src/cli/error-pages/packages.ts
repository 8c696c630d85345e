import type { Pages } from "./page.ts";

const output = ["Read all that it printed.", 'less "$(ls -t /var/log/muster/units/*patch*.log | head -n 1)"'] as const;
const again = ["Make the run again; it completes what is half done.", "muster run"] as const;

/** The package manager. */
export const packagePages = {
  "package-lock-held": {
    happened:
      "Another process held a lock of the package manager for the 15 minutes that muster waits for it. The message names it.",
    causes: [
      "`apt-daily`, `unattended-upgrades`, `dnf-makecache`, `dnf-automatic`, PackageKit or cloud-init were at work.",
      "Somebody's apt, dpkg or dnf waits for an answer in a terminal.",
      "A package script hangs.",
    ],
    todo: [
      [
        "See who holds it, and what it waits for.",
        "lslocks --output PID,COMMAND,PATH",
        "systemctl list-units 'apt-daily*' 'unattended-upgrades*' 'dnf-*' 'packagekit*'",
      ],
      "Let it finish. Never remove a lock file: what it guards would break.",
      [
        "If these timers collide with every boot, switch them off in the image; muster patches.",
        "systemctl disable --now apt-daily.timer apt-daily-upgrade.timer",
      ],
    ],
  },
  "package-fetch-failed": {
    happened: "A package or an index could not be downloaded. Passing failures were tried again, and the run will be.",
    causes: [
      "The mirror is down, or a firewall, proxy or resolver is in the way.",
      "The mirror was changing while it was read (hash sum mismatch, 404).",
      "The release is no longer on that mirror.",
    ],
    todo: [
      ["Try it by hand; apt's lines with `Err:` name the source.", "apt-get update", "dnf --refresh makecache"],
      [
        "See where it is to come from.",
        "grep -rv '^#' /etc/apt/sources.list /etc/apt/sources.list.d",
        "dnf repolist --verbose",
      ],
      again,
    ],
  },
  "package-source-untrusted": {
    happened: "A package source is not trusted: a signature is missing, unknown, expired, or not valid yet.",
    causes: [
      "The source's signing key was replaced, and the image has the old one.",
      "The clock is behind, so that the signature is of the future.",
      "A proxy answers with a page of its own.",
    ],
    todo: [
      [
        "Look at the clock, then at the package manager's own words.",
        "timedatectl",
        "apt-get update",
        "dnf --refresh makecache",
      ],
      "Install the source's current key (the package `…-archive-keyring`, or the file in `/etc/apt/keyrings`; `rpm --import` or `gpgkey=` in `/etc/yum.repos.d`), here and in the image.",
      "Or take the source out of `/etc/apt/sources.list.d` or `/etc/yum.repos.d`.",
    ],
  },
  "package-source-changed": {
    happened:
      "A package source says of itself something else than before (its suite, codename, label or origin), and apt takes nothing from it until somebody accepts that.",
    causes: [
      "The distribution made a release: `stable` became `oldstable`.",
      "The source's owner renamed it, or another archive answers under its address.",
    ],
    todo: [
      ["See what changed, and that it is meant.", "apt-get update"],
      ["Accept it once, here and in the image.", "apt-get update --allow-releaseinfo-change"],
      "In a fleet: name the codename (`bookworm`) rather than the suite (`stable`) in `/etc/apt/sources.list.d`.",
    ],
  },
  "package-sources-invalid": {
    happened:
      "The package manager cannot read its list of sources or the index on the disk, so it can do nothing at all. The message names the file or the source. By default the run goes on (`patch.onFailure`), because the commit that mends it is converged after patching.",
    causes: [
      "Two entries of one source have different `Signed-By` values, often one in a `.list` and one in a `.sources` file.",
      "An entry is malformed, or a file of `/etc/apt/apt.conf.d`, or an index file in `/var/lib/apt/lists` is damaged.",
    ],
    todo: [
      ["See what apt says.", "apt-get check"],
      [
        "Find every entry of the source that the message names.",
        "grep -rn HOST /etc/apt/sources.list /etc/apt/sources.list.d",
      ],
      "Take out the entry that is too many, or correct it where it is written: the image, or the code in the config repo.",
      ["For a damaged index: remove it, it is downloaded again.", "rm -r /var/lib/apt/lists", "apt-get update"],
    ],
  },
  "package-disk-full": {
    happened: "There was no room for the packages.",
    causes: ["Old kernels fill `/boot`.", "Logs or downloaded packages fill `/var`.", "There are no free inodes."],
    todo: [
      ["See what is full.", "df -h /boot /var /usr /tmp", "df -i /var"],
      [
        "Free what is the usual candidate.",
        "apt-get clean",
        "apt-get autoremove --purge",
        "dnf clean packages",
        "journalctl --vacuum-size=100M",
      ],
      again,
    ],
  },
  "package-script-failed": {
    happened:
      "A package's own script failed while it was installed, removed or configured. The message has the package and the words of dpkg or rpm. As a warning: the package is in place, and dnf does not run the script again.",
    causes: [
      "The service of the package does not start with its configuration on this machine.",
      "A configuration file was changed in a way that the new version does not take.",
    ],
    todo: [
      output,
      ["If a service does not start, ask it.", "systemctl --failed", "journalctl -b -u UNIT"],
      ["Mend the cause, and see that dpkg is content.", "dpkg --configure --pending", "dpkg --audit"],
      ["With dnf, install the package again, so that its scripts run.", "dnf reinstall PACKAGE"],
      again,
    ],
  },
  "package-dependencies-broken": {
    happened:
      "Packages are in each other's way: the package manager finds no way to satisfy all dependencies without removing something, and muster removes nothing.",
    causes: [
      "A held package, or one from another release or a third-party source.",
      "A package was installed by hand with `dpkg -i`, without what it needs.",
    ],
    todo: [
      [
        "See which packages.",
        "apt-get check",
        "apt-get --fix-broken --simulate install",
        "apt-mark showhold",
        "dnf upgrade --assumeno --best",
      ],
      ["Decide what may go, and do it by hand.", "apt-get --fix-broken install"],
      again,
    ],
  },
  "package-upgrade-failed": {
    happened:
      "The package manager failed in another way, was killed, or took longer than the role's `patch.timeout`. The message has its last words.",
    causes: [
      "The machine ran out of memory, and the kernel killed it.",
      "A download or a script took too long.",
      "An error of apt that muster does not know by its words.",
    ],
    todo: [output, ["See whether memory ran out.", "journalctl -k -b --grep 'out of memory'"], again],
  },
  "package-look-failed": {
    happened: "The package manager could not even say which packages there are. It is tried again.",
    causes: [
      "A file in `/etc/apt/sources.list.d` or `/etc/yum.repos.d` cannot be read.",
      "The database of dpkg or rpm is damaged, as after a power cut.",
    ],
    todo: [
      ["Ask both.", "apt-get check", "dpkg --audit"],
      ["Or, with dnf.", "dnf check", "rpm --verifydb"],
      "A damaged `/var/lib/dpkg/status` has copies in `/var/lib/dpkg/status-old` and `/var/backups`. Replacing the instance is often quicker.",
    ],
  },
  "patch-unfinished": {
    happened:
      "Interrupted package work was repaired as far as dpkg and apt can, and the packages are still not in order.",
    causes: ["A package is broken beyond `dpkg --configure` and `apt-get --fix-broken install`."],
    todo: [
      ["See which, and what is wrong with it.", "dpkg --audit", "apt-get check"],
      ["Install it anew, or remove it.", "apt-get install --reinstall PACKAGE"],
      again,
    ],
  },
  "patch-window-missed": {
    happened:
      "The patch window closed before this instance could leave service to patch. It serves on as it is, and tries again in the next one. The message says what was in the way last.",
    causes: [
      "Others held the slots for the whole window.",
      "The zone that holds the slots could not be reached.",
      "The Auto Scaling group may not become smaller, so it let nobody go.",
      "Schedules were paused, or the instance was not in service.",
    ],
    todo: [
      ["See what the instance is about.", "muster explain"],
      "Open the window for longer, raise `slot.count`, or let the group's minimum be below its desired size.",
      ["Or patch this one by hand.", "muster drain", "muster run", "muster join"],
    ],
  },
  "package-index-stale": {
    happened:
      "The package index could not be refreshed, so updates are judged by the one on the disk. Newer ones may exist. The run went on.",
    causes: ["A package source or the network does not answer.", "The source is not trusted."],
    todo: [["See why; the next run tries again.", "apt-get update"]],
  },
  "packages-kept-back": {
    happened:
      "Newer versions exist that apt does not install: that would remove or add packages beyond what the role's scope allows, or Ubuntu hands them out in phases. The run went on.",
    causes: ["A changed dependency.", "A phased update, which comes by itself in a few days."],
    todo: [
      ["See what it would take.", "apt-get --simulate dist-upgrade"],
      "If it is wanted, do it in the image, where it can be tested.",
    ],
  },
  "package-repository-locked": {
    happened:
      "The machine's repositories are locked to one version, as those of Amazon Linux 2023 are to the version of its image. Updates of later versions were not seen, so a run may have had nothing to do. It went on.",
    causes: ["The role says no `patch.releasever`.", "The image is older than the newest version of the repositories."],
    todo: [
      ["See which version it is, and which are out.", "rpm -q system-release", "dnf check-release-update"],
      "Set `patch.releasever` in the catalogue to a version that was tested; `latest` takes whatever is out at each run.",
    ],
  },
  "reboot-unknown": {
    happened:
      "Nothing on the machine could tell for certain whether a reboot is due; the message says why. Kernels were compared all the same. The run went on.",
    causes: [
      "`needs-restarting` is not installed.",
      "It failed: dnf exits with 1 for a reboot that is due and for an error alike, so muster believes its words only.",
    ],
    todo: [
      ["Install it in the image (dnf 4).", "dnf install dnf-plugins-core"],
      ["Ask it by hand.", "dnf needs-restarting -r"],
    ],
  },
  "services-outdated": {
    happened:
      "Services run code of files that an upgrade has replaced, and were not restarted: the instance serves, or a restart of theirs would break logins, the network or the machine. The run went on.",
    causes: [
      "A library was upgraded that they had loaded.",
      "Packages were upgraded by somebody else, or by an earlier run.",
    ],
    todo: [
      ["See who runs what.", "needrestart -r l", "dnf needs-restarting -s"],
      ["Restart one that may be interrupted now.", "systemctl try-restart SERVICE"],
      [
        "Or take the instance out, patch it, and bring it back: what can be restarted then is. The rest takes a reboot.",
        "muster drain",
        "muster run patch",
        "muster join",
      ],
    ],
  },
  "service-restart-failed": {
    happened:
      "Services that ran replaced code were to be restarted after patching, and did not come back, or could not be; the message names them with systemd's words. The run went on, and the health gate judges.",
    causes: ["The upgrade changed what the service needs.", "It refuses to be restarted by hand."],
    todo: [
      ["See what it says.", "systemctl status SERVICE", "journalctl --boot --unit SERVICE"],
      ["Start it again, once that is mended.", "systemctl restart SERVICE"],
    ],
  },
} as const satisfies Pages;
