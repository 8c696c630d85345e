// One instance, as tests see it.
import { mkdir, readFile as readHostFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { createCgroup } from "./machine/cgroup.ts";
import { createDisk } from "./machine/disk.ts";
import { createMachine } from "./machine/nspawn.ts";
import { type Files, writeFiles } from "./machine/root.ts";
import type { Network } from "./network.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";
import { waitFor, type WaitOptions } from "./wait.ts";

export interface Instance extends AsyncDisposable {
  name: string;
  address: string;
  /** Where it is on this machine: its root, what it wrote to its disk (to read while it runs or stands), its cgroup. */
  outside: { root: string; written: string; cgroup: string };
  /** How many times it was started, the guest's own reboots included. */
  boots: () => number;
  running: () => boolean;
  /** A string is run by `sh -c`. Throws on an exit code other than 0, unless `check: false`. */
  exec: (command: string | string[], options?: RunOptions) => Promise<RunResult>;
  /** The command that runs `argv` in the instance, to spawn with a terminal or to stream. */
  enter: (argv: string[]) => Promise<string[]>;
  /** The journal of all boots, of one unit or of everything; also while the instance is off. */
  journal: (unit?: string) => Promise<string>;
  readFile: (path: string) => Promise<string>;
  /** Also while the instance is off. */
  writeFile: (path: string, content: string, mode?: number) => Promise<void>;
  /** Sends the signal to a unit's main process; muster's, if no unit is named. */
  kill: (signal: NodeJS.Signals, unit?: string) => Promise<void>;
  /** In good order, as by the power button; the state stays on the disk. */
  powerOff: () => Promise<void>;
  start: () => Promise<void>;
  reboot: () => Promise<void>;
  /** The power goes in this instant and comes back: what was not on the disk is lost. `inTheDark` sees what was. */
  powerCut: (inTheDark?: () => Promise<void>) => Promise<void>;
  /** Nothing in it moves, until `thaw`. */
  freeze: () => Promise<void>;
  thaw: () => Promise<void>;
  /** Waits until systemd takes commands in boot number `boot` (the one after this, if not said). */
  booted: (boot?: number, timeout?: number) => Promise<void>;
  /** Asks until the answer is truthy; what throws is not there yet. The error shows the journal. */
  waitFor<T>(look: () => T | Promise<T>, options: WaitOptions): Promise<NonNullable<T>>;
  /** Takes it away at once, with all it wrote. */
  close: () => Promise<void>;
}

export interface InstanceOptions {
  name: string;
  /** Unique among all labs of the run. */
  machine: string;
  directory: string;
  network: Network;
  host: number;
  /** Read-only, the uppermost first. */
  layers: string[];
  files: Files;
  gigabytes: number;
  prepare?: ((root: string) => Promise<void>) | undefined;
}

const orderly = 120_000;

export async function createInstance(options: InstanceOptions): Promise<Instance> {
  const { name, machine: unique, directory, network, host } = options;
  // What was made so far is undone in reverse, by `close` or when the next step fails.
  await using undo = new AsyncDisposableStack();
  await mkdir(directory, { recursive: true });
  undo.defer(() => rm(directory, { recursive: true, force: true }));
  const disk = await createDisk(directory, options.layers, options.gigabytes);
  await disk.mount();
  undo.defer(disk.unmount);
  await writeFiles(disk.root, options.files);
  await options.prepare?.(disk.root);
  await disk.sync();
  const cgroup = await createCgroup(unique);
  undo.defer(cgroup.remove);
  const networkNamespace = await network.plug(unique, host);
  undo.defer(() => network.unplug(unique));
  const console = join(directory, "console");
  const machine = createMachine({ name: unique, hostname: name, root: disk.root, networkNamespace, cgroup, console });
  undo.defer(machine.kill);

  const exec: Instance["exec"] = (command, runOptions) =>
    machine.exec(typeof command === "string" ? ["sh", "-c", command] : command, runOptions);

  async function journal(unit?: string): Promise<string> {
    const which = unit === undefined ? [] : [`--unit=${unit}`];
    const command = ["journalctl", "--no-pager", "--output=short-precise", ...which];
    if (machine.running()) return (await exec(command)).stdout;
    // Its own journalctl: this machine's may be too old for its files.
    return (await run(["chroot", disk.root, ...command, "--directory=/var/log/journal"])).stdout;
  }

  async function explain(): Promise<string> {
    const text = machine.running() ? await journal() : await readHostFile(console, "utf8");
    return `The last lines of ${name}:\n${text.trimEnd().split("\n").slice(-60).join("\n")}`;
  }

  const everything = undo.move();
  const close = () => everything.disposeAsync();

  return {
    name,
    address: network.address(host),
    outside: { root: disk.root, written: disk.written, cgroup: cgroup.path },
    boots: machine.boots,
    running: machine.running,
    exec,
    enter: machine.enter,
    journal,
    readFile: async (path) => (await exec(["cat", path])).stdout,
    writeFile: async (path, content, mode = 0o644) => {
      if (!machine.running()) {
        await writeFiles(disk.root, { [path]: { content, mode } });
        return;
      }
      const script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"';
      await exec(["sh", "-c", script, "write", path, mode.toString(8)], { input: content });
    },
    kill: async (signal, unit = "muster.service") => {
      const { stdout } = await exec(["systemctl", "show", "--property=MainPID", "--value", unit]);
      if (Number(stdout) === 0) throw new Error(`${unit} has no main process on ${name}`);
      await exec(["kill", "-s", signal.replace(/^SIG/, ""), stdout.trim()]);
    },
    powerOff: async () => {
      await exec(["systemctl", "poweroff"], { check: false });
      await machine.off(orderly);
    },
    start: machine.start,
    reboot: async () => {
      const next = machine.boots() + 1;
      await exec(["systemctl", "reboot"], { check: false });
      await machine.up(next, orderly);
    },
    powerCut: async (inTheDark) => {
      await cgroup.freeze();
      await disk.cutPower(machine.kill);
      await disk.mount();
      await inTheDark?.();
      await machine.start();
    },
    freeze: cgroup.freeze,
    thaw: cgroup.thaw,
    booted: (boot = machine.boots() + 1, timeout = orderly) => machine.up(boot, timeout),
    waitFor: (look, waitOptions) => waitFor(look, { explain, every: 250, ...waitOptions }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
