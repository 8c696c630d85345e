import { spawn, type ChildProcess } from "node:child_process";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import type { CommandEnd } from "../../domain/events.ts";
import { MusterError } from "../../domain/errors.ts";
import { programPath } from "../../domain/paths.ts";
import { formatSize } from "../../domain/units.ts";
import { watched } from "./command-watch.ts";

/** A short external command that may die with the agent. What has to outlive it goes through the unit runner. */
export type ExecRequest = {
  readonly argv: readonly [string, ...string[]];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Added to the fixed minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /** How much each stream may hold, in bytes. A command that prints more is stopped, which is an error. */
  readonly maxBytes?: number;
  /**
   * The beginning of each stream is enough: what is over `maxBytes` is read and dropped, the command runs to its end,
   * and the result says `cut`. Only for callers that look for no end, no last line and no absence of words.
   */
  readonly beginning?: true;
  /**
   * Called when nothing of its process group is left: after a time-out that may take for ever, because a process that
   * waits for a disk does not die.
   */
  readonly onGone?: () => void;
  /** Program and verb, as `git fetch`: what it is called where runs are told. Absent: the program's name. */
  readonly label?: string;
};

/** How it ended. A command that cannot be started is `missing`. */
export type ExecResult = {
  readonly outcome: "exited" | "killed" | "timed-out" | "missing";
  /** The exit code when `exited`, else -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** A stream held more than is here. Only where the caller asked for the beginning. */
  readonly cut?: true;
};

const graceMs = 5_000;
const usualMaxBytes = 16 * 1024 * 1024;

/**
 * Runs a command in a process group of its own, with a fixed PATH and locale and nothing of the caller's
 * environment. On time-out or abort the whole group gets SIGTERM, after a grace SIGKILL, and inherited
 * pipes are not waited for.
 * @throws the signal's reason when it aborts; MusterError `command-output-too-large` (transient) when the command
 *   prints more than the caller allows: a part is never handed over as the whole
 */
export async function exec(request: ExecRequest): Promise<ExecResult> {
  request.signal.throwIfAborted();
  const command = request.label ?? basename(request.argv[0]);
  return watched({ command }, endOf, () => execUnwatched(request, command));
}

/** What a run is told of it. */
export function endOf({ outcome, code }: ExecResult): CommandEnd {
  return outcome === "exited" ? { ended: outcome, code } : { ended: outcome };
}

async function execUnwatched(request: ExecRequest, command: string): Promise<ExecResult> {
  const child = start(request);
  // A command may end without having read its input.
  child.stdin?.on("error", () => undefined).end(request.input);
  const maxBytes = request.maxBytes ?? usualMaxBytes;
  const early = stopEarly(child.pid, request);
  const onOverflow = request.beginning === true ? undefined : early.onOverflow;
  const stdout = keep(child.stdout, maxBytes, onOverflow);
  const stderr = keep(child.stderr, maxBytes, onOverflow);
  try {
    const winner = await Promise.race([endOfChild(child), early.promise]);
    if (winner === "timed-out") {
      letGo(child);
      return { outcome: "timed-out", code: -1, stdout: "", stderr: "" };
    }
    if (winner === "aborted") {
      letGo(child);
      throw request.signal.reason;
    }
    if (winner === "overflowed") throw tooMuch(command, maxBytes);
    const cut = stdout.isCut() || stderr.isCut();
    return { ...winner, stdout: stdout.text(), stderr: stderr.text(), ...(cut ? { cut } : {}) };
  } finally {
    early.disarm();
  }
}

function tooMuch(command: string, maxBytes: number): MusterError {
  return new MusterError({
    code: "command-output-too-large",
    message: `"${command}" printed more than ${formatSize(maxBytes)} and was stopped: a part of it could be taken for the whole`,
    hint: "Run the command by hand and see what it prints so much of.",
    transient: true,
  });
}

function start({ argv: [program, ...args], cwd = "/", env, input, onGone }: ExecRequest): ChildProcess {
  try {
    const child = spawn(program, args, {
      cwd,
      env: { PATH: programPath, LC_ALL: "C.UTF-8", HOME: "/root", ...env },
      detached: true,
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    if (onGone !== undefined) tellWhenGone(child, onGone);
    return child;
  } catch (error) {
    onGone?.();
    throw error;
  }
}

/** Between two looks at a process group whose leader is gone, in milliseconds. */
const groupLookMs = 1_000;

function tellWhenGone(child: ChildProcess, onGone: () => void): void {
  function look(): void {
    if (child.pid !== undefined && signalGroup(child.pid, 0)) setTimeout(look, groupLookMs).unref();
    else onGone();
  }
  child.once("exit", look);
  child.once("error", look);
}

/** How the child ended by itself, once all that it printed was read. */
function endOfChild(child: ChildProcess): Promise<Pick<ExecResult, "outcome" | "code">> {
  return new Promise((resolve) => {
    child.on("error", () => resolve({ outcome: "missing", code: -1 }));
    child.on("close", (code) => resolve(code === null ? { outcome: "killed", code: -1 } : { outcome: "exited", code }));
  });
}

/** Reads a stream to its end and keeps the beginning; says when there is more. */
function keep(stream: Readable | null, maxBytes: number, onOverflow: (() => void) | undefined) {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  stream?.on("data", (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    if (room < 0) onOverflow?.();
  });
  // A broken pipe of a command that was stopped is no news.
  stream?.on("error", () => undefined);
  return { text: () => Buffer.concat(chunks).toString("utf8"), isCut: () => room < 0 };
}

/** What does not die keeps nobody from ending: neither the process nor its pipes are waited for any more. */
function letGo(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}

type EarlyEnd = "timed-out" | "aborted" | "overflowed";

/** Ends the group on time-out, abort or overflow and says which it was, without waiting for the child's pipes. */
function stopEarly(pid: number | undefined, request: ExecRequest) {
  const { promise, resolve } = Promise.withResolvers<EarlyEnd>();
  let stopped = false;
  function stop(why: EarlyEnd): void {
    if (stopped) return;
    stopped = true;
    if (pid !== undefined) endGroup(pid);
    resolve(why);
  }
  function onAbort(): void {
    stop("aborted");
  }
  const timer = setTimeout(() => stop("timed-out"), request.timeoutMs);
  request.signal.addEventListener("abort", onAbort, { once: true });
  function disarm(): void {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", onAbort);
  }
  return { promise, disarm, onOverflow: () => stop("overflowed") };
}

/** SIGTERM to a process group now, SIGKILL after a grace if any of it is left. */
function endGroup(pid: number): void {
  if (!signalGroup(pid, "SIGTERM")) return;
  setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
