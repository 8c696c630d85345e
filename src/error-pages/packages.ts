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
        "With apt: if these timers collide with every boot, switch them off in the image; muster patches.",
        "systemctl disable --now apt-daily.timer apt-daily-upgrade.timer",
      ],
      ["With dnf: the same.", "systemctl disable --now dnf-makecache.timer dnf-automatic.timer"],
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
      ["Look at the clock.", "timedatectl"],
      [
        "With apt: see its own words. Install the source's current key (the package `…-archive-keyring`, or the file in `/etc/apt/keyrings`), or take the source out of `/etc/apt/sources.list.d`.",
        "apt-get update",
      ],
      [
        "With dnf: see its own words. Install the current key (`rpm --import`, or `gpgkey=` in `/etc/yum.repos.d`), or take the repository out of `/etc/yum.repos.d`.",
        "dnf --refresh makecache",
      ],
      "Do the same in the image.",
    ],
  },
  "package-source-changed": {
    happened:
      "A package source says of itself something else than before (its suite, codename, label or origin), and apt takes nothing from it until somebody accepts that. dnf has no such rule.",
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
      [
        "With apt: see what it says, and find every entry of the source that the message names.",
        "apt-get check",
        "grep -rn HOST /etc/apt/sources.list /etc/apt/sources.list.d",
      ],
      ["With dnf: see what it says of its repositories.", "dnf repolist --verbose"],
      "Take out the entry that is too many, or correct it where it is written: the image, or the code in the config repo.",
      ["For a damaged index of apt: remove it, it is downloaded again.", "rm -r /var/lib/apt/lists", "apt-get update"],
    ],
  },
  "package-disk-full": {
    happened: "There was no room for the packages.",
    causes: ["Old kernels fill `/boot`.", "Logs or downloaded packages fill `/var`.", "There are no free inodes."],
    todo: [
      ["See what is full.", "df -h /boot /var /usr /tmp", "df -i /var"],
      ["Free what the logs take.", "journalctl --vacuum-size=100M"],
      ["With apt: free what downloads and old kernels take.", "apt-get clean", "apt-get autoremove --purge"],
      ["With dnf: the same.", "dnf clean packages", "dnf remove --oldinstallonly"],
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
      ["With apt: mend the cause, and see that dpkg is content.", "dpkg --configure --pending", "dpkg --audit"],
      ["With dnf: install the package again, so that its scripts run.", "dnf reinstall PACKAGE"],
      again,
    ],
  },
  "package-dependencies-broken": {
    happened:
      "Packages are in each other's way: the package manager finds no way to satisfy all dependencies without removing something, and muster removes nothing.",
    causes: [
      "A held package, or one from another release or a third-party source.",
      "A package was installed by hand (`dpkg -i`, `rpm -i --nodeps`), without what it needs.",
    ],
    todo: [
      [
        "With apt: see which packages, decide what may go, and do it by hand.",
        "apt-get check",
        "apt-get --fix-broken --simulate install",
        "apt-mark showhold",
        "apt-get --fix-broken install",
      ],
      [
        "With dnf: the same.",
        "dnf upgrade --assumeno --best",
        "dnf versionlock list",
        "dnf upgrade --best --allowerasing",
      ],
      again,
    ],
  },
  "package-upgrade-failed": {
    happened:
      "The package manager failed in another way, was killed, or took longer than the role's `patch.timeout`. The message has its last words.",
    causes: [
      "The machine ran out of memory, and the kernel killed it.",
      "A download or a script took too long.",
      "An error of the package manager that muster does not know by its words.",
    ],
    todo: [output, ["See whether memory ran out.", "journalctl -k -b --grep 'out of memory'"], again],
  },
  "package-look-failed": {
    happened: "The package manager could not even say which packages there are.",
    again: "held",
    causes: [
      "A file in `/etc/apt/sources.list.d` or `/etc/yum.repos.d` cannot be read.",
      "The database of dpkg or rpm is damaged, as after a power cut.",
    ],
    todo: [
      ["With apt: ask both.", "apt-get check", "dpkg --audit"],
      ["With dnf: ask both.", "dnf check", "rpm --verifydb"],
      "A damaged `/var/lib/dpkg/status` has copies in `/var/lib/dpkg/status-old` and `/var/backups`. Replacing the instance is often quicker.",
    ],
  },
} as const satisfies Pages;
