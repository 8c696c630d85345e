import { basename } from "node:path";
import type { execa as Execa } from "execa";
import type { CommandEnd } from "../../domain/run/events.ts";
import { programPath } from "../../domain/settings/paths.ts";
import { boundOf, type BoundedResult, type Bounds } from "./command-bounds.ts";
import { watched } from "./command-watch.ts";

/** A short external command that may die with the agent. What has to outlive it goes through the unit runner. */
export type ExecRequest = Bounds & {
  readonly argv: readonly [string, ...string[]];
  /** Added to the fixed minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /**
   * Called when nothing of its process group is left: after a time-out that may take for ever, because a process that
   * waits for a disk does not die.
   */
  readonly onGone?: () => void;
  /** Program and verb, as `git fetch`: what it is called where runs are told. Absent: the program's name. */
  readonly label?: string;
};

/** How it ended. A command that cannot be started is `missing`. */
export type ExecResult = BoundedResult;

/** From SIGTERM to SIGKILL. */
const graceMs = 5_000;

/** No command inherits a variable of ours. */
export const fixedEnvironment = { PATH: programPath, LC_ALL: "C.UTF-8", HOME: "/root" };

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
  const { child } = await start(request, command);
  const bounds = boundOf(request, command, () => {
    endGroup(child.pid);
    child.stdin?.destroy();
    child.nodeChildProcess.unref();
  });
  bounds.keep(child.stdout, child.stderr);
  return bounds.resultOf(child.then(endOfChild));
}

/** execa is loaded by the first command of the process. */
async function start(request: ExecRequest, command: string): Promise<{ readonly child: Child }> {
  try {
    const { execa } = await import("execa");
    request.signal.throwIfAborted();
    const child = spawn(execa, request, command);
    if (request.onGone !== undefined) reportGone(child, request.onGone);
    return { child };
  } catch (error) {
    request.onGone?.();
    throw error;
  }
}

type Child = ReturnType<typeof spawn>;

/**
 * Of execa's own ways to end a command none is used: its time-out, its cancel and its `maxBuffer` wait for the command
 * and for every process that holds its pipes, and its kill sends no SIGKILL to the rest of a group once the command
 * itself has ended.
 */
function spawn(execa: typeof Execa, { argv, cwd = "/", env, input }: ExecRequest, command: string) {
  const [program, ...args] = argv;
  try {
    return execa(program, args, {
      cwd,
      env: { ...fixedEnvironment, ...env },
      extendEnv: false,
      stdin: input === undefined ? "ignore" : Buffer.from(input),
      buffer: false,
      detached: true,
      cleanup: false,
      reject: false,
    });
  } catch (error) {
    // On Bun that is all execa says of arguments that are too long or hold a NUL.
    throw new Error(`"${command}" cannot be started`, { cause: error });
  }
}

/** Between two looks at a process group whose leader is gone, in milliseconds. */
const groupLookMs = 1_000;

function reportGone({ pid, nodeChildProcess }: Child, onGone: () => void): void {
  function look(): void {
    if (pid !== undefined && signalGroup(pid, 0)) setTimeout(look, groupLookMs).unref();
    else onGone();
  }
  if (pid === undefined) onGone();
  else nodeChildProcess.once("exit", look);
}

/** What the kernel says of a program that is not there or not runnable, or when it has no room for a process. */
const notStarted: readonly unknown[] = ["ENOENT", "EACCES", "EAGAIN", "EMFILE", "ENFILE"];

/** How the command ended by itself, once all that it printed was read. @throws why it could not even be tried */
function endOfChild({ exitCode, signal, code, cause }: Awaited<Child>): Pick<ExecResult, "outcome" | "code"> {
  if (exitCode !== undefined) return { outcome: "exited", code: exitCode };
  if (signal !== undefined) return { outcome: "killed", code: -1 };
  if (notStarted.includes(code)) return { outcome: "missing", code: -1 };
  throw cause;
}

/** SIGTERM to a process group now, SIGKILL after a grace if any of it is left. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined || !signalGroup(pid, "SIGTERM")) return;
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
