import type { Pages } from "./page.ts";

/** Runs: their lock, their records, their reboots. */
export const runPages = {
  "preflight-failed": {
    happened:
      "Before the role was applied, a look found what a later stage would fail for. Nothing was registered, and patching was not stopped. The message lists every problem with its place, its remedy and the code of the later failure.",
    again: "held",
    causes: ["Each code in the message has a page with its causes."],
    todo: [
      "Read the page of each code in docs/errors.md.",
      ["Look again without changing anything.", "muster run --dry-run"],
      ["Correct all of them. To try at once:", "muster run"],
    ],
  },
  "lock-held": {
    happened:
      "Another run is at work and did not end within the time that this command waited. The message says which, and since when. Exit status 75.",
    causes: ["The boot run or a scheduled run takes long.", "A run hangs in a package or in Puppet."],
    todo: [
      ["See what it does, and wait for it.", "muster status --wait"],
      ["Give more time.", "muster run --lock-wait 30m"],
      ["If it hangs: see which command.", "systemctl list-units 'muster-*'"],
    ],
  },
  "lock-wait": {
    happened: "Another run is at work; this one waits for it.",
    causes: ["The boot run, a scheduled run, or somebody else's `muster run`."],
    todo: [["Nothing. To see what it does:", "muster status"]],
  },
  "lock-failed": {
    happened: "The run lock, `/run/muster/lock`, cannot be opened or taken.",
    causes: [
      "The command was not run as root.",
      "`/run` is full or read-only.",
      "The program flock (util-linux) is missing.",
    ],
    todo: [["Look.", "id -u", "df -h /run", "ls -ld /run/muster", "command -v flock"]],
  },
  "run-missing": {
    happened: "No run was made on this machine yet, so there is nothing to show of one.",
    causes: [
      "The daemon still waits, for cloud-init for instance.",
      "It never ran, or the command was not run as root.",
    ],
    todo: [
      ["See what it waits for.", "muster status", "systemctl status muster"],
      ["Make a run.", "muster run"],
    ],
  },
  "run-unrecorded": {
    happened: "There is such a run, but the recording of what happened in it is missing or empty.",
    causes: ["It was made by a muster that recorded nothing yet.", "The disk was full, or somebody removed the file."],
    todo: [["See what its journal tells, and which runs there are.", "muster runs"]],
  },
  "recording-full": {
    happened:
      "So much happened in this run that its recording is full, at 8 MiB. The run goes on; `muster logs` and `muster timeline` lack what came later, but for its end.",
    causes: ["A run that is tried, or waits and looks, again and again for a very long time."],
    todo: [
      ["See what it does all the time.", "muster logs --full", "muster status"],
      [
        "What came later is in the log of systemd and in muster's own.",
        "journalctl --unit muster",
        "less /var/log/muster/muster.log",
      ],
    ],
  },
  "output-failed": {
    happened:
      "What a command was told to write with `--output`, or printed to a file, could not be written. Whatever else it was asked to do was done.",
    causes: [
      "The directory does not exist.",
      "No permission, no space, or a read-only file system.",
      "The file, or a directory on the way, is a symbolic link or a pipe of another user.",
    ],
    todo: [
      ["See what is full.", "df -h"],
      ["Write somewhere else.", "muster timeline --output /tmp/timeline.svg"],
    ],
  },
  "run-cancelled": {
    happened: "The run was cancelled before it ended. What it had done is on record, and the next run does the rest.",
    causes: [
      "`muster cancel`: the message says by which user.",
      "Ctrl-C or SIGTERM, in a command that made the run itself.",
    ],
    todo: [
      ["Run it again.", "muster run"],
      ["While somebody works on a held machine, keep it from trying by itself.", "muster pause --reason TEXT"],
    ],
  },
  "reboot-required": {
    happened:
      "A reboot is due and this run did not make it; the message says why not: the catalogue forbids it, the instance is in service, or the run was a part or a trial.",
    causes: ["A new kernel or library was installed, and what runs still uses the old one."],
    todo: [
      ["See what asks for it.", "muster status"],
      ["With apt: see which packages ask.", "cat /run/reboot-required.pkgs"],
      ["With dnf: the same.", "dnf needs-restarting --reboothint"],
      [
        "Take the instance out, let the run reboot it, and bring it back; or replace the instance.",
        "muster drain",
        "muster run",
        "muster join",
      ],
    ],
  },
  "reboot-budget-spent": {
    happened:
      "Two planned reboots did not satisfy what asks for one, so a third was not made and the instance is held. The count begins anew after a run that ends well.",
    again: "held",
    causes: [
      "A package or a script asks for one at every boot (with apt: it writes `/run/reboot-required`).",
      "The new kernel does not boot, and the boot loader falls back to the old one.",
      "The engine schedules a reboot in every run.",
    ],
    todo: [
      ["See what asks.", "muster status", "uname -r; ls /boot"],
      ["With apt: see which packages ask.", "cat /run/reboot-required.pkgs"],
      ["With dnf: the same.", "dnf needs-restarting --reboothint"],
      ["See what the engine does.", "muster logs --stage converge"],
      "Take the cause away, or say `patch: { reboot: never }` in the catalogue.",
    ],
  },
  "reboot-failed": {
    happened: "systemd did not take on the reboot that the run planned, or took it on and the machine did not go down.",
    causes: [
      "An inhibitor forbids it: a package manager, a backup, a person.",
      "Somebody cancelled it with `shutdown -c`.",
      "A unit does not stop.",
    ],
    todo: [
      ["See what forbids it, or what is waited for.", "systemd-inhibit --list", "systemctl list-jobs"],
      ["Reboot by hand: the run goes on afterwards.", "systemctl reboot"],
    ],
  },
} as const satisfies Pages;
