import type { SimpleGitOptions } from "simple-git";
import { programs } from "../../domain/paths.ts";
import { boundOf, type BoundedResult, type Bounds } from "../host/command-bounds.ts";
import { watched } from "../host/command-watch.ts";
import { endOf, fixedEnvironment } from "../host/exec.ts";

// Questions to git that this machine alone answers: they change nothing and contact no other machine. They go through
// simple-git. What writes, and what talks to a server, goes through the command runner (git.ts says why).

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

/** No configuration, attributes, credentials or keys of the machine or of a user. */
export const ownEnvironment = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  HOME: "/nonexistent",
  // Nobody is there to answer a question.
  GIT_TERMINAL_PROMPT: "0",
  // Objects mean what their id says.
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_OPTIONAL_LOCKS: "0",
};

/** Whatever a repository holds, none of it becomes a program. */
export const harmless: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "core.askPass=",
  "gpg.openpgp.program=false",
  "gpg.x509.program=false",
];

const env = {
  ...fixedEnvironment,
  ...ownEnvironment,
  // A partial clone fetches what it lacks, by a program that its configuration names.
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
};

/**
 * What simple-git refuses by itself and we need: each of these guards keeps a value from coming in that is a program or
 * a place of configuration, and each is opened for the value above that switches just that off.
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
 * Asks git, in a session of its own: the Ctrl-C of a terminal is for us alone. An abort or the deadline sends SIGINT to
 * git, and waits for nothing.
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
    // A text of no bytes would leave the pipe open.
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
  // A negative one is the kernel's word for why setsid could not be started.
  if (exitCode < 0 || noProgram.includes(exitCode)) return { outcome: "missing", code: -1 };
  return { outcome: "exited", code: exitCode };
}
