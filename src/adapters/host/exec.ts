import { spawn, type ChildProcess } from "node:child_process";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import type { CommandEnd } from "../../domain/events.ts";
import { programPath } from "../../domain/paths.ts";
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
  /** How much of each stream is kept, in bytes; the rest is read and dropped. */
  readonly maxBytes?: number;
  /** Program and verb, as `git fetch`: what it is called where runs are told. Absent: the program's name. */
  readonly label?: string;
};

/** How it ended. A command that cannot be started is `missing`; nothing here throws but an abort. */
export type ExecResult = {
  readonly outcome: "exited" | "killed" | "timed-out" | "missing";
  /** The exit code when `exited`, else -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

const graceMs = 5_000;

/**
 * Runs a command in a process group of its own, with a fixed PATH and locale and nothing of the caller's
 * environment. On time-out or abort the whole group gets SIGTERM, after a grace SIGKILL, and inherited
 * pipes are not waited for.
 * @throws the signal's reason when it aborts
 */
export async function exec(request: ExecRequest): Promise<ExecResult> {
  request.signal.throwIfAborted();
  const command = request.label ?? basename(request.argv[0]);
  return watched({ command }, endOf, () => execUnwatched(request));
}

function endOf({ outcome, code }: ExecResult): CommandEnd {
  return outcome === "exited" ? { ended: outcome, code } : { ended: outcome };
}

async function execUnwatched(request: ExecRequest): Promise<ExecResult> {
  const [program, ...args] = request.argv;
  const child = spawn(program, args, {
    cwd: request.cwd ?? "/",
    env: { PATH: programPath, LC_ALL: "C.UTF-8", HOME: "/root", ...request.env },
    detached: true,
    stdio: [request.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  // A command may end without having read its input.
  child.stdin?.on("error", () => undefined).end(request.input);
  const maxBytes = request.maxBytes ?? 16 * 1024 * 1024;
  const stdout = keep(child.stdout, maxBytes);
  const stderr = keep(child.stderr, maxBytes);
  const ended = stopEarly(child.pid, request);
  try {
    const winner = await Promise.race([endOfChild(child), ended.promise]);
    if (winner === "timed-out") {
      return { outcome: "timed-out", code: -1, stdout: "", stderr: "" };
    }
    if (winner === "aborted") throw request.signal.reason;
    return { ...winner, stdout: stdout(), stderr: stderr() };
  } finally {
    ended.disarm();
  }
}

/** How the child ended by itself, once all that it printed was read. */
function endOfChild(child: ChildProcess): Promise<Pick<ExecResult, "outcome" | "code">> {
  return new Promise((resolve) => {
    child.on("error", () => resolve({ outcome: "missing", code: -1 }));
    child.on("close", (code) => resolve(code === null ? { outcome: "killed", code: -1 } : { outcome: "exited", code }));
  });
}

/** Reads a stream to its end, keeps the beginning, and returns what gives it as text. */
function keep(stream: Readable | null, maxBytes: number): () => string {
  const chunks: Buffer[] = [];
  let room = maxBytes;
  stream?.on("data", (chunk: Buffer) => {
    if (room <= 0) return;
    chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  // A broken pipe of a command that was stopped is no news.
  stream?.on("error", () => undefined);
  return () => Buffer.concat(chunks).toString("utf8");
}

/** Ends the group on time-out or abort and says which it was, without waiting for the child's pipes. */
function stopEarly(pid: number | undefined, request: ExecRequest) {
  const { promise, resolve } = Promise.withResolvers<"timed-out" | "aborted">();
  function stop(why: "timed-out" | "aborted"): void {
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
  return { promise, disarm };
}

/** SIGTERM to a process group now, SIGKILL after a grace if any of it is left. */
function endGroup(pid: number): void {
  if (!signalGroup(pid, "SIGTERM")) return;
  setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
}

function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
