// Commands of operators. The daemon's children inherit its sandbox (systemd/muster.service): sudo, su and programs that
// compile at run time do not work in it. So a command of an operator is a transient unit, which PID 1 starts.
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { basename, join } from "node:path";
import { abortable } from "../../lib/async/abortable.ts";
import { answerWithin, createDeadline } from "../../lib/async/deadline.ts";
import type { UnitExit } from "../../ports/unit-runner.ts";
import { unwatched, watched } from "../host/command-watch.ts";
import { programs } from "../../domain/settings/paths.ts";
import { endOf, exec, type ExecRequest, type ExecResult } from "../host/exec.ts";
import { lives } from "../host/temporary-files.ts";
import { timer } from "../host/timer.ts";
import { createExitMarks, exitOf, type ExitMarks } from "./exit-marks.ts";
import { milliseconds, systemdRun } from "./systemd-run.ts";

/** The beginning of the output is kept, in bytes; the rest is read and dropped. */
export type OutsideRequest = Pick<ExecRequest, "argv" | "timeoutMs" | "signal" | "label"> & {
  readonly maxBytes: number;
};

const systemdMs = 10_000;
const graceMs = 5_000;
/** Beyond the caller's own time-out, for a command whose agent died meanwhile. */
const orphanMs = 2_000;
/** Background processes of the command may hold its output open: how long it is read after the command's end. */
const restMs = 50;

// A kill of the command is carried out to the end.
const { signal: never } = new AbortController();

/**
 * Runs commands outside the daemon's sandbox, with root's rights, in a fixed environment. Standard output and standard
 * error come as one stream, in `stdout`. At the time limit or an abort all of the command's processes are killed;
 * background processes of a command that has exited live on. Output and exit come through a socket in /run, so that a
 * program's output cannot fill the memory there, and a dead agent does not keep the unit from ending.
 * @param runtimeDirectory absolute
 */
export function createOutside(runtimeDirectory: string): (request: OutsideRequest) => Promise<ExecResult> {
  const directory = join(runtimeDirectory, "commands");
  const marks = createExitMarks(directory);
  let prepared: Promise<void> | undefined;
  return async (request) => {
    request.signal.throwIfAborted();
    prepared ??= removeOrphans(directory);
    await prepared;
    const command = request.label ?? basename(request.argv[0]);
    return watched({ command }, endOf, () => unwatched(() => runOutside(directory, marks, request)));
  };
}

/**
 * Removes the sockets of agents that died. A command that runs on then finds a file in its place: its end script only
 * starts if it can print.
 */
async function removeOrphans(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    const pid = Number(/^muster-command-(\d+)-/.exec(name)?.[1]);
    if (pid > 0 && (pid === process.pid || !lives(pid))) await rm(join(directory, name), { force: true });
  }
}

async function runOutside(directory: string, marks: ExitMarks, request: OutsideRequest): Promise<ExecResult> {
  await marks.prepare();
  const unit = `muster-command-${process.pid}-${randomBytes(6).toString("hex")}`;
  const path = join(directory, `${unit}.sock`);
  const word = randomBytes(6).toString("hex");
  const listener = listen(word, request.maxBytes);
  const deadline = createDeadline(request.timeoutMs, timer, request.signal);
  try {
    await listener.at(path);
    if (!(await start(unit, path, marks.reportCommand(unit, word), request))) return missing;
    const exit = await abortable(listener.exit, deadline.signal).catch(() => "early" as const);
    if (exit === "early") {
      endUnit(unit);
      request.signal.throwIfAborted();
      return { outcome: "timed-out", code: -1, stdout: "", stderr: "" };
    }
    await answerWithin(restMs, timer, never, () => listener.silence);
    return { ...outcomeOf(exit), ...listener.output(), stderr: "" };
  } finally {
    deadline.end();
    listener.close();
    await rm(path, { force: true });
  }
}

const missing: ExecResult = { outcome: "missing", code: -1, stdout: "", stderr: "" };

/** @returns false if systemd-run finds no such program. @throws Error with systemd's words */
async function start(unit: string, path: string, tell: string, request: OutsideRequest): Promise<boolean> {
  const argv = systemdRun({
    unit,
    description: "muster: a command of the role",
    argv: request.argv,
    properties: {
      ExecStopPost: tell,
      TimeoutStopSec: milliseconds(graceMs),
      RuntimeMaxSec: milliseconds(request.timeoutMs + orphanMs),
      StandardOutput: `file:${path}`,
      StandardError: "inherit",
      // A check runs every few seconds: its starts and ends do not belong into the journal.
      LogLevelMax: "notice",
    },
  });
  const { outcome, code, stderr } = await exec({ argv, timeoutMs: systemdMs, signal: never, beginning: true });
  if (outcome === "missing") throw new Error("the program systemd-run is not installed");
  if (outcome !== "exited" || code === 0) return true;
  if (stderr.startsWith("Failed to find executable")) return false;
  // A started unit reports its own end, also a missing interpreter of its program.
  if (stderr.startsWith("Failed to")) throw new Error(stderr.trim());
  return true;
}

/** Kills all processes of a unit, without waiting. */
function endUnit(unit: string): void {
  void kill(unit, "SIGTERM").then(() => setTimeout(() => void kill(unit, "SIGKILL"), graceMs).unref());
}

async function kill(unit: string, signal: string): Promise<void> {
  const argv = [programs.systemctl, "kill", "--kill-who=all", `--signal=${signal}`, `${unit}.service`] as const;
  await exec({ argv, timeoutMs: systemdMs, signal: never, beginning: true }).catch(() => undefined);
}

function outcomeOf(exit: UnitExit): Pick<ExecResult, "outcome" | "code"> {
  if (exit.kind === "exited") return { outcome: "exited", code: exit.code };
  if (exit.kind === "lost" && exit.notExecuted === true) return missing;
  if (exit.kind === "lost") throw new Error(exit.why);
  return { outcome: exit.kind, code: -1 };
}

/** Takes the output of a unit. systemd connects once for the command, and once for the report of its end. */
function listen(word: string, maxBytes: number) {
  const exit = Promise.withResolvers<UnitExit>();
  const silence = Promise.withResolvers<void>();
  const sockets: Socket[] = [];
  const chunks: Buffer[] = [];
  let room = maxBytes;
  let cut = false;

  function keep(chunk: Buffer): void {
    if (chunk.length > room) cut = true;
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= Math.min(room, chunk.length);
  }

  const server: Server = createServer((socket) => {
    sockets.push(socket);
    // A killed command is reported by its exit.
    socket.on("error", () => undefined);
    if (sockets.length === 1) {
      socket.on("data", keep);
      socket.on("close", () => silence.resolve());
      return;
    }
    let text = "";
    socket.on("data", (chunk) => (text = (text + chunk.toString("latin1")).slice(0, 200)));
    socket.on("close", () => {
      const told = text.trim().split(" ");
      if (told[0] === word) exit.resolve(exitOf(told[1] ?? ""));
    });
  });

  return {
    exit: exit.promise,
    silence: silence.promise,
    async at(path: string): Promise<void> {
      const listening = Promise.withResolvers<void>();
      server.once("error", listening.reject);
      server.listen(path, listening.resolve);
      await listening.promise;
    },
    output: () => ({ stdout: Buffer.concat(chunks).toString("utf8"), ...(cut ? { cut } : {}) }),
    close(): void {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  } as const;
}
