import type { Pages } from "./page.ts";

/** The result of a patch as a whole. */
export const patchingPages = {
  "patch-unfinished": {
    happened:
      "Interrupted package work was repaired as far as the package manager can, and the packages are still not in order.",
    causes: [
      "With apt: a package is broken beyond `dpkg --configure` and `apt-get --fix-broken install`.",
      "With dnf: a package is there in two versions, and neither can be removed; or rpm's database is damaged again.",
    ],
    todo: [
      [
        "With apt: see which, and what is wrong with it. Install it anew, or remove it.",
        "dpkg --audit",
        "apt-get check",
        "apt-get install --reinstall PACKAGE",
      ],
      ["With dnf: the same.", "dnf check", "dnf remove --duplicates", "dnf reinstall PACKAGE"],
      ["Make the run again; it completes what is half done.", "muster run"],
    ],
  },
  "patch-window-missed": {
    happened:
      "The patch window closed before this instance could leave service to patch. It serves on as it is. The message says what was in the way last.",
    again: "window",
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
    todo: [
      ["With apt: see why; the next run reads it anew.", "apt-get update"],
      ["With dnf: the same.", "dnf --refresh makecache"],
    ],
  },
  "packages-kept-back": {
    happened:
      "Newer versions exist that were not installed: that would remove or add packages beyond what the role's scope allows, or Ubuntu hands them out in phases. The run went on.",
    causes: ["A changed dependency.", "A phased update, which comes by itself in a few days."],
    todo: [
      ["With apt: see what it would take.", "apt-get --simulate dist-upgrade"],
      ["With dnf: the same.", "dnf upgrade --assumeno --best"],
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
      ["With apt: see who runs what.", "needrestart -r l"],
      ["With dnf: the same.", "dnf needs-restarting --services"],
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
