import type { SimpleGitOptions } from "simple-git";
import { programs } from "../../domain/settings/paths.ts";
import { boundOf, type BoundedResult, type Bounds } from "../host/command-bounds.ts";
import { watched } from "../host/command-watch.ts";
import { endOf, fixedEnvironment } from "../host/exec.ts";
import { ownEnvironment } from "./hardening.ts";

// Questions to git go through simple-git: they change nothing and contact no other machine. Calls of git that write or
// that talk to a server go through the command runner; git.ts says why.

/** A question to git. */
export type Question = Bounds & {
  /** Git's options, its verb and the verb's arguments. */
  readonly args: readonly string[];
  /** Git's verb, as runs are told of it. */
  readonly verb: string;
  readonly input?: string;
  /** `key=value`, for this question alone. */
  readonly config: readonly string[];
};

const env = {
  ...fixedEnvironment,
  ...ownEnvironment,
  // A partial clone fetches what it lacks, by a program that its configuration names.
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
};

/**
 * simple-git refuses options that name a program or a place of configuration. The values of hardening.ts name none: they
 * switch such an option off, and each needs its guard to be open.
 */
const opened = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeAskPass: true,
  allowUnsafeGpgProgram: true,
  // GIT_CONFIG_GLOBAL=/dev/null; --git-dir, which is a repository of ours; -C, where a person asked for the look.
  allowUnsafeConfigPaths: true,
} satisfies SimpleGitOptions["unsafe"];

/** What setsid exits with when there is no such program, or none that it may start. */
const noProgram: readonly number[] = [126, 127];

/**
 * Asks git. git runs in a session of its own, so that the Ctrl-C of a terminal reaches the agent alone. An abort and the
 * deadline send SIGINT to git and do not wait for its end.
 * @throws as `exec`
 */
export async function ask(question: Question): Promise<BoundedResult> {
  question.signal.throwIfAborted();
  const command = `git ${question.verb}`;
  return watched({ command }, endOf, () => askUnwatched(question, command));
}

async function askUnwatched(question: Question, command: string): Promise<BoundedResult> {
  const { config, args, input = "" } = question;
  const { simpleGit } = await import("simple-git");
  question.signal.throwIfAborted();
  const stop = new AbortController();
  const bounds = boundOf(question, command, () => stop.abort());
  let exitCode: number | null = null;
  const git = simpleGit({
    baseDir: "/",
    binary: [programs.setsid, programs.git],
    config: [...config],
    unsafe: opened,
    allowEnvironment: Object.keys(env),
    abort: stop.signal,
    // Once all of its output is read.
    completion: { onClose: true, onExit: false },
    // For an empty text simple-git would leave the pipe open.
    input: () => Buffer.from(input),
    // What an exit code means is the caller's to say.
    errors(_error, result) {
      ({ exitCode } = result);
      return undefined;
    },
  });
  git.env(env).outputHandler((_command, stdout, stderr) => bounds.keep(stdout, stderr));
  return bounds.resultOf(git.raw([...args]).then(() => endFor(exitCode)));
}

function endFor(exitCode: number | null): Pick<BoundedResult, "outcome" | "code"> {
  if (exitCode === null) return { outcome: "killed", code: -1 };
  // Below zero: the kernel could not start setsid.
  if (exitCode < 0 || noProgram.includes(exitCode)) return { outcome: "missing", code: -1 };
  return { outcome: "exited", code: exitCode };
}
