// What an abort ends. ARCHITECTURE.md says by this test why the fetch does not go through simple-git: where a version of
// it ends all that git started, the last test here goes red, and the fetch may move.
import { constants } from "node:fs";
import { chmod, mkdtemp, open, readFile, rm, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { simpleGit } from "simple-git";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, type Question } from "../../src/adapters/git/ask.ts";
import { harmless } from "../../src/adapters/git/hardening.ts";
import { exec } from "../../src/adapters/host/exec.ts";
import { run } from "../lab/run.ts";

const url = "ssh://127.0.0.1/config.git";
const reason = new Error("enough");
const never = new AbortController().signal;

let directory: string;
let pidFile: string;
/** The variables that make git start a program in place of ssh, which says who it is and then hangs. */
let env: Readonly<Record<string, string>>;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-test-"));
  pidFile = join(directory, "pid");
  const ssh = join(directory, "ssh");
  await writeFile(ssh, `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 60\n`);
  await chmod(ssh, 0o755);
  env = { GIT_SSH_COMMAND: ssh, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("git that waits for ssh", () => {
  it("ends with ssh when the command runner is told to stop", async () => {
    const stop = new AbortController();
    const work = exec({ argv: ["git", "ls-remote", url], env, signal: stop.signal, timeoutMs: 30_000 });
    const ssh = await sshOf();
    stop.abort(reason);
    await expect(work).rejects.toBe(reason);
    await expect.poll(() => isAlive(ssh)).toBe(false);
  });

  it("leaves ssh behind, and is waited for, when simple-git is told to stop", async () => {
    const stop = new AbortController();
    const git = simpleGit({
      binary: ["setsid", "git"],
      abort: stop.signal,
      allowEnvironment: Object.keys(env),
      unsafe: { allowUnsafeSshCommand: true, allowUnsafeConfigPaths: true },
      completion: { onClose: true, onExit: false },
    });
    const work = git
      .env({ ...env, PATH: process.env["PATH"] })
      .raw(["ls-remote", url])
      .then(
        () => "ended",
        () => "ended",
      );
    const ssh = await sshOf();
    try {
      stop.abort(reason);
      expect(await Promise.race([work, sleep(2_000, "waited for")])).toBe("waited for");
      expect(await isAlive(ssh)).toBe(true);
    } finally {
      process.kill(ssh, "SIGKILL");
    }
    expect(await work).toBe("ended");
  });
});

describe("a question", () => {
  const question: Question = { config: harmless, verb: "version", args: ["version"], signal: never, timeoutMs: 30_000 };

  it("has the answer of git, and its exit code is the caller's to understand", async () => {
    expect(await ask(question)).toMatchObject({ outcome: "exited", code: 0, stderr: "" });
    const failed = await ask({ ...question, args: ["--git-dir=/nonexistent", "rev-parse", "HEAD"] });
    expect(failed).toMatchObject({ outcome: "exited", code: 128, stdout: "" });
    expect(failed.stderr).toMatch(/^fatal: not a git repository/);
  });

  it("hands its input over, also an empty one, and keeps every byte that was printed", async () => {
    const hash = { ...question, args: ["hash-object", "--stdin"] };
    expect((await ask({ ...hash, input: "in" })).stdout).toBe("f087d89141e3cbbced2c5002e0e11c04fcca3cc4\n");
    expect((await ask({ ...hash, input: "" })).stdout).toBe("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n");
  });

  it("ends at the signal, at its deadline and when too much is printed, and its git with it", async () => {
    const pipe = join(directory, "pipe");
    await run(["mkfifo", pipe]);
    const endless = { ...question, args: ["hash-object", "--no-filters", pipe] };
    const stop = new AbortController();
    const aborted = ask({ ...endless, signal: stop.signal });
    await using first = await writerTo(pipe);
    expect(await isRead(first)).toBe(true);
    stop.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    await expect.poll(() => isRead(first)).toBe(false);
    const late = ask({ ...endless, timeoutMs: 500 });
    await using second = await writerTo(pipe);
    expect(await late).toMatchObject({ outcome: "timed-out" });
    await expect.poll(() => isRead(second)).toBe(false);
    const much = ask({ ...question, args: ["help", "--all"], maxBytes: 100 });
    await expect(much).rejects.toMatchObject({ code: "command-output-too-large" });
  });

  it("is refused when it would switch on what is a program", async () => {
    await expect(ask({ ...question, config: ["alias.version=!true"] })).rejects.toThrow(/alias/);
    await expect(ask({ ...question, config: ["core.sshCommand=/bin/true"] })).rejects.toThrow(/sshCommand/);
    await expect(ask({ ...question, config: ["credential.helper=!true"] })).rejects.toThrow(/helper/);
  });
});

async function sshOf(): Promise<number> {
  await expect.poll(() => readFile(pidFile, "utf8").catch(() => ""), { timeout: 10_000 }).toMatch(/\n$/);
  return Number(await readFile(pidFile, "utf8"));
}

/** One that is dead and that no parent has asked after is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
  return !/\) [ZX]/.test(stat);
}

/** The pipe, once git has it open: as long as it is not closed here, git reads and never ends. */
async function writerTo(pipe: string): Promise<FileHandle> {
  const openNow = () => open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined);
  let handle = await openNow();
  await expect.poll(async () => (handle ??= await openNow())).toBeDefined();
  if (handle === undefined) throw new Error("git has not opened the pipe");
  return handle;
}

/** Whether a process has the other end of the pipe. */
function isRead(writer: FileHandle): Promise<boolean> {
  return writer.write("x").then(
    () => true,
    () => false,
  );
}
