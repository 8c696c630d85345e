import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { waitFor } from "../wait.ts";

/** A server process of the lab, the leader of a process group of its own. */
export interface Daemon {
  readonly pid: number;
  /** False once the process has ended, for whatever reason. */
  running(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM to the group, SIGKILL after two seconds; resolves when the leader is gone. */
  stop(): Promise<void>;
}

export interface DaemonOptions {
  name: string;
  command: string;
  args: readonly string[];
  /** Both output streams are appended to this file. */
  log: string;
  /** Answers true once the server serves; what throws is not there yet. */
  ready: () => Promise<boolean>;
  /** How long it may take to be ready; 10 if not said. */
  seconds?: number;
  env?: Record<string, string>;
}

/** Starts a server in the foreground of its own process group and waits until it is ready. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const log = openSync(options.log, "a");
  const child = spawn(options.command, options.args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, ...options.env },
  });
  closeSync(log);
  const daemon = daemonOf(child);
  try {
    // One that has ended is not waited for: it will not become ready any more.
    await waitFor(async () => !daemon.running() || (await options.ready()), {
      what: `${options.name} is ready`,
      timeout: (options.seconds ?? 10) * 1_000,
      every: 50,
    });
    if (!daemon.running()) throw new Error(`it ended at once with code ${child.exitCode}`);
    return daemon;
  } catch (cause) {
    await daemon.stop();
    throw new Error(`${options.name} did not start; the end of ${options.log}:\n${tail(options.log)}`, { cause });
  }
}

function daemonOf(child: ChildProcess): Daemon {
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const signalGroup = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The group is gone already, which is what the caller wants.
    }
  };
  return {
    pid: child.pid ?? 0,
    running,
    signal: (signal) => child.kill(signal),
    async stop() {
      if (running()) signalGroup("SIGTERM");
      await Promise.race([ended, sleep(2_000)]);
      // Also when the leader ended by itself: nothing of the group may stay behind.
      signalGroup("SIGKILL");
      await ended;
    },
  };
}

/** The last lines of a log, for an error message. */
function tail(path: string, lines = 20): string {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
}
