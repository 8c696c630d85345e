// One machine: systemd-nspawn with systemd as its process 1, started again when the guest reboots.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { type RunOptions, type RunResult, run } from "../run.ts";
import { waitFor } from "../wait.ts";
import type { Cgroup } from "./cgroup.ts";

export interface Guest {
  /** The machine's name, unique among all labs of this run. */
  name: string;
  hostname: string;
  root: string;
  networkNamespace: string;
  cgroup: Cgroup;
  /** The file that its console is written to, over all boots. */
  console: string;
}

export interface Machine {
  /** How many times it was started, the guest's own reboots included. */
  boots: () => number;
  running: () => boolean;
  /** Starts it and waits for systemd to take commands. */
  start: () => Promise<void>;
  /** Waits until it is off. */
  off: (timeout: number) => Promise<void>;
  /** Waits until systemd takes commands in the boot of this number or a later one. */
  up: (boot: number, timeout: number) => Promise<void>;
  /** Nothing in it runs on, not for an instant. */
  kill: () => Promise<void>;
  exec: (argv: string[], options?: RunOptions) => Promise<RunResult>;
  /** The command that runs `argv` in it, for those who want to spawn that themselves. */
  enter: (argv: string[]) => Promise<string[]>;
}

const rebootExit = 133;
const upTimeout = 60_000;

export function createMachine(guest: Guest): Machine {
  let boots = 0;
  let child: ChildProcess | undefined;

  function spawnGuest(): void {
    boots += 1;
    const console = openSync(guest.console, "a");
    const started = spawn("bash", ["-c", inCgroup(guest.cgroup.path, nspawn(guest))], {
      stdio: ["ignore", console, console],
    });
    closeSync(console);
    child = started;
    started.on("exit", (code) => {
      if (child !== started) return;
      child = undefined;
      if (code === rebootExit) spawnGuest();
    });
  }

  async function enter(argv: string[]): Promise<string[]> {
    const leader = await findLeader(guest.name, child?.pid);
    return entering(guest.cgroup.path, leader, argv);
  }

  async function exec(argv: string[], options: RunOptions = {}): Promise<RunResult> {
    return run(await enter(argv), { label: `${guest.hostname}: ${argv.join(" ").slice(0, 300)}`, ...options });
  }

  async function consoleTail(): Promise<string> {
    return (await readFile(guest.console, "utf8")).slice(-3000);
  }

  async function up(boot: number, timeout: number): Promise<void> {
    const state = await waitFor(
      async () => {
        if (child === undefined) return "off";
        return boots >= boot && (await takesCommands(exec)) ? "up" : undefined;
      },
      { what: `${guest.name} is up`, timeout, every: 30, explain: consoleTail },
    );
    if (state === "off") throw new Error(`${guest.name} went off instead of coming up:\n${await consoleTail()}`);
  }

  return {
    boots: () => boots,
    running: () => child !== undefined,
    start: async () => {
      if (child) throw new Error(`${guest.name} is running already`);
      spawnGuest();
      await up(boots, upTimeout);
    },
    off: async (timeout) =>
      void (await waitFor(() => child === undefined, { what: `${guest.name} is off`, timeout, every: 20 })),
    up,
    kill: async () => {
      // It is forgotten first, so that its exit is not taken for a reboot.
      child = undefined;
      await guest.cgroup.kill();
    },
    exec,
    enter,
  };
}

function nspawn(guest: Guest): string {
  const options = [
    "--quiet --boot --register=no --keep-unit --console=read-only",
    "--resolv-conf=off --timezone=off --link-journal=no",
    `--directory=${guest.root}`,
    `--machine=${guest.name}`,
    `--hostname=${guest.hostname}`,
    `--network-namespace-path=${guest.networkNamespace}`,
  ];
  return `exec systemd-nspawn ${options.join(" ")}`;
}

function inCgroup(path: string, command: string): string {
  return `echo 0 > ${path}/cgroup.procs && ${command}`;
}

/**
 * nsenter's own way to fork stops itself when its child is stopped, as all are when a machine goes
 * down, and nothing would ever wake it again.
 */
const forking = ["sh", "-c", '"$@"; exit $?', "command"];

/**
 * Enters the guest's namespaces, and its cgroup too: a command given from outside is then frozen
 * and killed with the machine, as one typed on its console would be.
 */
function entering(cgroup: string, leader: number, argv: string[]): string[] {
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  const terminal = process.env["TERM"] ?? "dumb";
  const environment = [`PATH=${path}`, "HOME=/root", "USER=root", "LANG=C.UTF-8", `TERM=${terminal}`];
  const namespaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"];
  const script = inCgroup(`${cgroup}/payload/init.scope`, 'exec "$@"');
  const nsenter = ["nsenter", `--target=${leader}`, ...namespaces, "--no-fork", "--"];
  return ["sh", "-c", script, "enter", ...nsenter, ...forking, "env", "-i", ...environment, ...argv];
}

/** The guest's process 1, as seen from here: the only child of nspawn. */
async function findLeader(name: string, pid: number | undefined): Promise<number> {
  if (pid === undefined) throw new Error(`${name} is off`);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const leader = Number.parseInt(children, 10);
  if (Number.isNaN(leader)) throw new Error(`${name} has not started yet`);
  return leader;
}

async function takesCommands(exec: Machine["exec"]): Promise<boolean> {
  const { stdout } = await exec(["systemctl", "is-system-running"], { check: false, timeout: 5000 });
  return ["starting", "running", "degraded"].includes(stdout.trim());
}
