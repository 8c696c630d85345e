import type { Pages } from "./page.ts";

/** The daemon and its sockets. */
export const daemonPages = {
  "daemon-unreachable": {
    happened: "Nobody listens on `/run/muster/control.sock`: the daemon does not run.",
    causes: [
      "It was stopped, or never enabled.",
      "It ended with status 2 because the settings are not valid; systemd does not restart it then.",
    ],
    todo: [
      ["See why.", "systemctl status muster", "journalctl -u muster -b -n 50"],
      ["Check the settings and start it.", "muster check", "systemctl enable --now muster"],
    ],
  },
  "daemon-silent": {
    happened:
      "The daemon is there and does not answer on its socket within five seconds. `muster status` and `muster explain` then tell what was known last, and exit with status 5: it may have been true an hour ago.",
    causes: [
      "Its process was stopped by a signal (SIGSTOP, a debugger). The message says so where root asks.",
      "It hangs, or waits for a file system that does not answer.",
      "The machine is out of memory or badly overloaded.",
    ],
    todo: [
      ["Let a process go on that was stopped. The message has its number.", "kill -CONT PID"],
      ["Start it anew. What it was at goes on: runs are taken up, and no service is left.", "systemctl restart muster"],
      [
        "Look at the machine. Its watchdog restarts a daemon that hangs for two minutes.",
        "systemctl status muster",
        "cat /proc/loadavg",
        "free -m",
      ],
    ],
  },
  "agent-stuck": {
    happened:
      "The agent runs and gets no work done: no file can be read, or one of the loops that watch cloud and membership did not come round in its time. It gives systemd no sign of life as long as that is so, and systemd starts it anew two minutes after the last one.",
    causes: [
      "A disk of the machine, or a file system that its programs are on, does not answer.",
      "A defect of muster.",
    ],
    todo: [
      ["See what the kernel says of disks and mounts.", "dmesg | tail -n 50", "cat /proc/mounts"],
      ["Where it comes again, collect what is known and report it.", "muster bundle"],
    ],
  },
  "control-forbidden": {
    happened:
      "This user may not ask this of the daemon. Nothing was done. Root may ask for everything on `/run/muster/root.sock`; members of the group `muster`, where the machine has one, may read status and metrics and work with tags on `/run/muster/control.sock`.",
    causes: [
      "The command was not run as root.",
      "The user is in the group since the last login, or the group was made since the daemon began.",
    ],
    todo: [
      ["Run it as root.", "sudo muster status"],
      [
        "For status and tags without root: a group, its members (from their next login on), and a daemon that knows of it.",
        "groupadd --system muster",
        "usermod --append --groups muster USER",
        "systemctl restart muster",
      ],
    ],
  },
  "daemon-lost": {
    happened:
      "The daemon went away while it was working for this command. Its run is on record, and it goes on when the daemon is back.",
    causes: ["It was restarted or upgraded.", "It crashed or was killed: systemd starts it again after five seconds."],
    todo: [["See that it is back, and what it does.", "muster status --wait", "journalctl -u muster -b -n 50"]],
  },
  "control-failed": {
    happened: "The daemon cannot listen on `/run/muster/control.sock`, so it ended.",
    causes: ["It was not started as root.", "`/run` is full or read-only."],
    todo: [
      ["Look.", "df -h /run", "ls -ld /run/muster", "journalctl -u muster -b -n 50"],
      ["Start it again.", "systemctl restart muster"],
    ],
  },
  "control-refused": {
    happened: "The daemon answered, and does not understand the request.",
    causes: ["The binary was replaced and the old daemon still runs."],
    todo: [["Restart it: the instance stays in service meanwhile.", "systemctl restart muster"]],
  },
} as const satisfies Pages;
