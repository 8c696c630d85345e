import { dirname } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { programs } from "../../domain/settings/paths.ts";
import { trustedFilesOf, type ConfigSource } from "../../domain/settings/settings.ts";
import type { GitUrl } from "../../domain/role/git-url.ts";
import { exec } from "../host/exec.ts";
import type { ExecRequest, ExecResult } from "../host/exec.ts";
import { requireGuarded } from "../host/guarded-file.ts";
import { callOn } from "../host/path-calls.ts";
import { makeDirectory } from "../host/state-files.ts";
import { ask } from "./ask.ts";
import { diskFailure } from "./disk.ts";
import { configFor, environmentFor, harmless, unbelieved } from "./hardening.ts";
import { makeOurs } from "./own-files.ts";
import type { GitWay } from "./proxy.ts";

// git on the repositories of muster. Questions to the mirror go through simple-git (ask.ts). Calls that talk to a server
// or that write go through the command runner, for two reasons. An abort has to end git and all that git started (ssh,
// remote-https, index-pack): simple-git ends its direct child alone (test/contract/config-repo.abort.test.ts shows it).
// And flock and prlimit stand before git on the command line: simple-git has room for one word there.

/** One call of git that writes, or that talks to the server. */
export type GitCall = {
  readonly gitDir: string;
  readonly args: readonly [string, ...string[]];
  readonly signal: AbortSignal;
  /** Milliseconds; a minute where it is not said. */
  readonly timeoutMs?: number;
  readonly input?: string;
  readonly workTree?: string;
  readonly indexFile?: string;
  /**
   * Held by git and by everything it starts, until the last of them is gone: after a SIGKILL of muster its
   * git may work on, and the next muster that gets this lock knows that it has ended.
   */
  readonly lockFile?: string;
  /** No file that git writes may grow over it: the kernel ends what tries. */
  readonly maxFileBytes?: number;
};

/** A question to a repository. */
export type GitQuestion = Pick<GitCall, "gitDir" | "args" | "signal" | "timeoutMs" | "input"> & {
  /** What git may print, in bytes, where that is more than usual. */
  readonly maxBytes?: number;
};

type Argv = readonly [string, ...string[]];

/**
 * Runs git with the fixed hardening of hardening.ts. Never throws for what git says: only when there is no git, when its lock is
 * held for too long, or when others may change a file that it has to trust.
 */
export type Git = {
  readonly run: (call: GitCall) => Promise<ExecResult>;
  /** Asks a repository: changes nothing and contacts no other machine. */
  readonly ask: (question: GitQuestion) => Promise<ExecResult>;
};

/** How long a lock is waited for: longer than a network read of git may be silent. Seconds. */
const lockWaitSeconds = 45;
/** What flock exits with when the wait is over. */
const lockBusy = 75;

/**
 * Git, tied to one source. What steers it in the repository is made ours before each call.
 * @param lender the objects directory that a repository may borrow from; absent: none
 * @param way to the server, asked before each call that talks to it
 */
export function createGit(source: ConfigSource, url: GitUrl, lender?: string, way: () => GitWay = directly): Git {
  const trusted = trustedFilesOf(source).map(([, file]) => file);
  async function prepare(gitDir: string): Promise<void> {
    // Asked each time: a key or a list of signers may have been made, or opened up, since the daemon began.
    for (const file of trusted) requireGuarded(file);
    await makeOurs(gitDir, lender);
  }
  async function run(call: GitCall): Promise<ExecResult> {
    await prepare(call.gitDir);
    const taken = isRemote(call.args[0]) ? way() : directly();
    const config = configFor(source, url, taken).flatMap((entry) => ["-c", entry]);
    const env = environmentFor(source, url, taken);
    const workTree = call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`];
    const plain: Argv = [programs.git, ...config, `--git-dir=${call.gitDir}`, ...workTree, ...call.args];
    const command = call.maxFileBytes === undefined ? plain : bounded(call.maxFileBytes, plain);
    const result = await execFor(url, call.args[0], {
      argv: call.lockFile === undefined ? command : underLock(call.lockFile, command),
      label: `git ${call.args[0] ?? ""}`,
      timeoutMs: call.timeoutMs ?? 60_000,
      signal: call.signal,
      env: call.indexFile === undefined ? env : { ...env, GIT_INDEX_FILE: call.indexFile },
      ...(call.input === undefined ? {} : { input: call.input }),
    });
    if (result.outcome === "missing") throw gitMissing();
    if (call.lockFile !== undefined && result.code === lockBusy) throw busyFailure(call.lockFile);
    return result;
  }
  const signers =
    source.allowedSignersFile === undefined ? [] : [`gpg.ssh.allowedSignersFile=${source.allowedSignersFile}`];
  async function askRepo({ gitDir, args, timeoutMs = 60_000, ...question }: GitQuestion): Promise<ExecResult> {
    await prepare(gitDir);
    const result = await ask({
      ...{ ...question, timeoutMs, verb: args[0], args: [`--git-dir=${gitDir}`, ...args] },
      config: [...harmless, ...unbelieved, ...signers],
    });
    if (result.outcome === "missing") throw gitMissing();
    return result;
  }
  return { run, ask: askRepo };
}

function isRemote(verb: string): boolean {
  return verb === "fetch" || verb === "ls-remote";
}

function directly(): GitWay {
  return { env: {}, ssh: [] };
}

/** A path of the settings may be one that does not answer: a look at it that still hangs there is not joined by another. */
function execFor(url: GitUrl, verb: string, request: ExecRequest): Promise<ExecResult> {
  return isRemote(verb) && url.scheme === "file" ? callOn(`${verb} ${url.text}`, request) : exec(request);
}

/**
 * Waits until nothing holds the lock: then no git of ours is at work on what it guards, and what lies around
 * is of one that was killed. Muster itself never has two (the run lock).
 * @throws MusterError `config-repo-busy` (transient)
 */
export async function waitForLock(lockFile: string, signal: AbortSignal): Promise<void> {
  await makeDirectory(dirname(lockFile));
  const { code, stderr } = await exec({
    argv: underLock(lockFile, ["true"]),
    timeoutMs: (lockWaitSeconds + 10) * 1000,
    signal,
  });
  if (code === 0) return;
  throw code === lockBusy ? busyFailure(lockFile) : diskFailure(lockFile, stderr.trim());
}

/** A git that outlived an earlier run holds the lock. */
function busyFailure(lockFile: string): MusterError {
  return new MusterError({
    code: "config-repo-busy",
    message: `A git of an earlier run is still at work on the config repo and holds ${lockFile}`,
    hint: "It ends by itself. To see it: pgrep -a git.",
    transient: true,
  });
}

function underLock(lockFile: string, command: Argv): Argv {
  const wait = ["--timeout", String(lockWaitSeconds), "--conflict-exit-code", String(lockBusy)];
  return [programs.flock, "--exclusive", "--no-fork", ...wait, lockFile, ...command];
}

/**
 * A limit on the size of a file, kept by the kernel. With the signal ignored, writing over it is an error that git
 * tells ("File too large"), and not a death without a word.
 */
function bounded(bytes: number, command: Argv): Argv {
  const ignoring = `trap '' XFSZ; exec "$@"`;
  return [programs.shell, "-c", ignoring, "sh", programs.prlimit, `--fsize=${bytes}`, ...command];
}

function gitMissing(): MusterError {
  return new MusterError({
    code: "git-missing",
    message: "The program git is not installed, and the config repo cannot be fetched without it",
    hint: "Put the package git (and openssh-client for ssh) into the image.",
  });
}
