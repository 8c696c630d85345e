// Calls on paths that an operator chose. A network file system that stands still holds a call for ever, and the
// runtime has only as many I/O threads as the machine has cores: a few such calls, and nothing that touches a file in
// this process ever ends. So each call is a child with a deadline, which waits in our place.
import { formatDuration } from "../../domain/units.ts";
import { answerWithin } from "../../lib/async/deadline.ts";
import { unwatched } from "./command-watch.ts";
import { exec, type ExecRequest, type ExecResult } from "./exec.ts";
import { timer } from "./timer.ts";

/** How long a call may take, and what ends it before. */
export type Limits = { readonly timeoutMs: number; readonly signal: AbortSignal };

/** The call that is out on each path, until its process is gone: one that waits for a disk cannot be killed. */
const outstanding = new Map<string, Promise<void>>();

/**
 * Runs a program that does one call on `path`. At most one is out on a path: the next one waits until that one's
 * process is gone, and starts none when its own time is up before.
 * @returns `timed-out` when the path does not answer in time; its process may still hang there
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

/** A path that did not answer in time: the file system that holds it may stand still. */
class PathHangs extends Error {
  constructor(path: string, ms: number) {
    super(`${path} does not answer within ${formatDuration(ms)}`);
  }
}

/** Whether an error says that a path did not answer, as opposed to what it answered. */
export function isHung(error: unknown): error is Error {
  return error instanceof PathHangs;
}

/** What the kernel's words mean to the code that handles the error. */
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
 * What the program printed.
 * @throws Error with the `code` that a call in this process would have, or that says that the path does not answer
 */
export async function answerOn(
  path: string,
  argv: readonly [string, ...string[]],
  limits: Limits & { readonly input?: string; readonly maxBytes?: number },
): Promise<string> {
  // It is none of the commands that a run tells about.
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
