// Calls on paths that an operator chose. A network file system that stands still blocks a call for ever, and the
// runtime has only as many I/O threads as the machine has cores: a few such calls would block every other file access
// of this process. So each call is a child process with a deadline.
import { formatDuration } from "../../domain/text/units.ts";
import { answerWithin } from "../../lib/async/deadline.ts";
import { unwatched } from "./command-watch.ts";
import { exec, type ExecRequest, type ExecResult } from "./exec.ts";
import { timer } from "./timer.ts";

/** The time limit of a call, and the signal that ends it before. */
export type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** The call under way on each path, until its process is gone: a process that waits for a disk cannot be killed. */
const outstanding = new Map<string, Promise<void>>();

/**
 * Runs a program that makes one call on `path`. At most one call is under way on a path: the next one waits until that
 * process is gone, and does not start if its own time is up before.
 * @returns `timed-out` if the path does not answer in time; the process may still hang there
 * @throws the signal's reason when it aborts
 */
export async function callOn(path: string, request: ExecRequest): Promise<ExecResult> {
  const { timeoutMs, signal } = request;
  const deadline = performance.now() + timeoutMs;
  for (let before = outstanding.get(path); before !== undefined; before = outstanding.get(path)) {
    const left = deadline - performance.now();
    const earlier = before;
    if (left <= 0 || (await answerWithin(left, timer, signal, () => earlier)) === "late") return hung;
  }
  const gone = Promise.withResolvers<void>();
  outstanding.set(path, gone.promise);
  function onGone(): void {
    if (outstanding.get(path) === gone.promise) outstanding.delete(path);
    gone.resolve();
  }
  return exec({ ...request, timeoutMs: Math.max(1, deadline - performance.now()), onGone });
}

const hung: ExecResult = { outcome: "timed-out", code: -1, stdout: "", stderr: "" };

/** A path that did not answer in time: its file system may stand still. */
class PathHangs extends Error {
  constructor(path: string, ms: number) {
    super(`${path} does not answer within ${formatDuration(ms)}`);
  }
}

/** Whether an error means that a path did not answer, as opposed to an answer. */
export function isHung(error: unknown): error is Error {
  return error instanceof PathHangs;
}

/** The kernel's words as error codes. */
const codes: Readonly<Record<string, string>> = {
  "No such file or directory": "ENOENT",
  "Not a directory": "ENOTDIR",
  "Is a directory": "EISDIR",
  "Permission denied": "EACCES",
  "Operation not permitted": "EPERM",
  "No space left on device": "ENOSPC",
  "Read-only file system": "EROFS",
};

/**
 * The output of the program. @throws Error with the `code` of the same call in this process, or saying that the path
 * does not answer
 */
export async function answerOn(
  path: string,
  argv: readonly [string, ...string[]],
  limits: Limits & { readonly input?: string; readonly maxBytes?: number },
): Promise<string> {
  // Runs do not report this command.
  const { outcome, code, stdout, stderr } = await unwatched(() => callOn(path, { ...limits, argv }));
  if (outcome === "exited" && code === 0) return stdout;
  if (outcome === "timed-out") throw new PathHangs(path, limits.timeoutMs);
  const said = outcome === "exited" ? reasonIn(stderr) : `${argv[0]}: ${outcome}`;
  const known = codes[said];
  throw Object.assign(new Error(said), known === undefined ? {} : { code: known });
}

/** `stat: cannot statx 'PATH': REASON`: programs end their lines with the kernel's words. */
function reasonIn(stderr: string): string {
  const [line = ""] = stderr.trim().split("\n").slice(-1);
  return line.split(": ").at(-1) ?? line;
}
