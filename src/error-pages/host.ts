import type { Pages } from "./page.ts";

/** This machine: state, daemon, systemd, clock. */
export const hostPages = {
  "state-write-failed": {
    happened:
      "A file below `/var/lib/muster` (or `/run/muster`) cannot be written. What cannot be recorded is not done, so the stage failed.",
    again: "held",
    causes: [
      "The file system is full, or has no free inodes.",
      "It became read-only after an error of the disk.",
      "The command was not run as root.",
    ],
    todo: [
      [
        "See which.",
        "df -h /var/lib/muster /run",
        "df -i /var/lib/muster",
        "findmnt --target /var/lib/muster --output TARGET,OPTIONS",
      ],
      [
        "If it is read-only, look for the disk's errors; replacing the instance is the safe way.",
        "dmesg --level=err,warn | tail -n 50",
      ],
      ["Free space, and make the run again.", "journalctl --vacuum-size=100M", "muster run"],
    ],
  },
  "command-output-too-large": {
    happened:
      "A program that muster asked printed more than muster reads (16 MiB, where nothing else is said). It was stopped: half an answer could be taken for another one.",
    again: "held",
    causes: [
      "A package database, a unit list or a repo that is far larger than usual.",
      "Another program stands in the place of the one that was asked.",
    ],
    todo: [
      "Run the program that the message names by hand, and see what it prints so much of.",
      ["Make the run again.", "muster run"],
    ],
  },
  "state-read-failed": {
    happened: "A file below `/var/lib/muster` cannot be read, or what it holds cannot be understood.",
    causes: [
      "The command was not run as root.",
      "The disk has errors.",
      "An older muster was installed over a newer one.",
      "Another program, or a person as root, changed the file.",
    ],
    todo: [
      ["Look.", "ls -la /var/lib/muster", "dmesg --level=err,warn | tail -n 50"],
      ["`status.json` is written anew by the daemon and by a run.", "systemctl start muster", "muster run"],
    ],
  },
  "state-set-aside": {
    happened:
      "A state file on disk could not be read: it was moved aside under the name in the message, and is made anew by the next run.",
    causes: ["A failing disk, or a file edited by hand.", "An older muster was installed over a newer one."],
    todo: [
      "Nothing, if the next run ends well. If it was `membership.json`: targets and records that only the lost file knew of (in an old group, under an old name) have to be removed by hand.",
    ],
  },
  "metrics-listen-failed": {
    happened:
      "Metrics and health are not told over HTTP where `metrics.listen` of the settings says. The control socket tells them as ever; nothing else is touched by it.",
    causes: ["Another program has the port.", "The address is not on the loopback interface of this machine."],
    todo: [
      ["See who has the port.", "ss --listening --tcp --numeric --processes"],
      ["Say another in the settings, or end the other program, and let muster listen anew.", "systemctl reload muster"],
    ],
  },
  "metrics-write-failed": {
    happened:
      "The textfile for node_exporter, `metrics.textfile` in the settings, cannot be written. Monitoring sees what it held last; nothing else is touched by it.",
    causes: [
      "Its directory is on a full or read-only file system.",
      "Something that is no directory is in its place.",
      "A directory on the way is a symbolic link of another user than root: such links are not followed.",
    ],
    todo: [
      ["Look at the place that the message names.", "df -h", "findmnt --target /var/lib/prometheus"],
      "Nothing has to be restarted: it is written again after the next event.",
    ],
  },
  "state-of-another-instance": {
    happened:
      "Only in the middle of the run did it turn out that the state on this disk belongs to another instance. Nothing of that one was touched; the next run removes its state.",
    again: "held",
    causes: ["The image was made of a running instance, with its state in it, and IMDS was late to answer."],
    todo: [
      "Nothing: the next run is made as if the disk were empty.",
      "Remove `/var/lib/muster` before you make an image.",
    ],
  },
  "state-of-clone-removed": {
    happened:
      "The disk held the state of another instance, from which the image was made. It was removed, and this boot counts as the first.",
    causes: ["The image was made of a running instance."],
    todo: ["Nothing. Remove `/var/lib/muster` before you make an image."],
  },
  "journal-set-aside": {
    happened:
      "The journal of the last run could not be read: it was moved aside under the name in the message, and a fresh run is made.",
    causes: ["A failing disk.", "An older muster was installed over a newer one."],
    todo: ["Nothing, if the next run ends well. Keep the file for a report."],
  },
  "systemd-too-old": {
    happened:
      "muster did not start: the systemd of this machine cannot start a command the way runs need it (`Type=exec`, output appended to a file).",
    causes: ["The image is RHEL 7, CentOS 7, Amazon Linux 2, Ubuntu 18.04 or older."],
    todo: [
      ["See which it is: 240 is the first that can, and 239 in RHEL from 8.7 on.", "systemctl --version"],
      "Take an image of a newer release.",
    ],
  },
  "systemd-failed": {
    happened:
      "systemd did not do what it was asked for, or a unit of muster's does not end. Its words are in the message.",
    again: "held",
    causes: [
      "systemd itself is busy or hangs (out of memory, a stuck mount).",
      "A unit file or drop-in is broken.",
      "A command in a unit cannot be killed: it waits for a disk or a network file system.",
    ],
    todo: [
      ["Look at what it says of the unit.", "systemctl status UNIT", "systemctl list-jobs", "journalctl -b -n 100"],
      ["If a unit of a run does not end, stop it by its name; the run then fails.", "systemctl stop UNIT"],
    ],
  },
  "clock-not-synchronised": {
    happened:
      "The clock was not synchronised within `clock.wait` (60 s). The run went on: TLS and AWS's signatures may fail because of it.",
    causes: [
      "The time server cannot be reached from this subnet.",
      "The time service is still starting, or has no server.",
    ],
    todo: [
      ["See what it waits for.", "timedatectl timesync-status", "chronyc sources"],
      "On EC2 use the local time server, 169.254.169.123.",
    ],
  },
  "cloud-init-done": {
    happened: "The boot run waited for cloud-init, which may install what the role needs, and cloud-init is done.",
    causes: ["cloud-init is installed on this machine."],
    todo: [["Nothing. If it took long, see with what.", "cloud-init analyze blame"]],
  },
  "cloud-init-waits": {
    happened:
      "`muster status --wait` was started by cloud-init (user data, `runcmd`), and the boot run waits for cloud-init to end: each would wait for the other. The command ended at once, with exit status 6; nothing else was touched.",
    causes: ["User data that waits for the instance to be in service."],
    todo: [
      [
        "Take the wait out of the user data. What shall run once the instance is in service is a unit with `WantedBy=`, `PartOf=` and `After=muster-ready.target`.",
        "systemctl enable MY_UNIT",
      ],
      "Where a script has to wait, let a unit of its own start it that cloud-init does not wait for: `systemd-run --no-block muster status --wait`.",
    ],
  },
  "cloud-init-slow": {
    happened: "cloud-init was not done after ten minutes, and the boot run began without it.",
    causes: ["A script in the user data hangs.", "It waits for a network or a data source that is not there."],
    todo: [["See where it is.", "cloud-init status --long", "tail -n 50 /var/log/cloud-init-output.log"]],
  },
  internal: {
    happened: "muster met something that its authors did not foresee: a bug. The run is on record.",
    again: "held",
    causes: ["A bug in muster."],
    todo: [
      ["Keep what a report needs, in one file without secrets.", "muster bundle"],
      "Look at the file and report the bug with it. Going back to the version before is safe: what it cannot read, it sets aside.",
    ],
  },
} as const satisfies Pages;
