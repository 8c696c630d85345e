// SIGKILL at any point of a fetch and a checkout, with and without the git that was running: what is left is
// whole or nothing, and doing it again gives the whole.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../lab/run.ts";
import { openGitMachine } from "./config-repo.machine.ts";
import type { GitMachine } from "./config-repo.machine.ts";

const never = new AbortController().signal;
const limitMs = 60_000;
const attempts = 6;
const count = 400;

let machine: GitMachine;
let commit: string;

beforeEach(async () => {
  machine = await openGitMachine();
  commit = await machine.remote.commitFiles(manyFiles(), "many");
});
afterEach(() => machine.close());

describe.each([
  ["the agent and its git", true],
  ["the agent alone", false],
])("SIGKILL of %s", (_what, withGit) => {
  it("in a first fetch and checkout leaves nothing or the whole", async () => {
    const whole = await timeOf(async () => agentRunsThrough());
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await rm(join(machine.directory, "state"), { recursive: true, force: true });
      await killAfter((whole * attempt) / attempts, withGit);
      await expectWholeOrNothing();
      await expectAllAgain();
    }
  });

  it("in a later fetch and checkout leaves the old or the new", async () => {
    await agentRunsThrough();
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const before = commit;
      commit = await machine.remote.commitFiles(manyFiles(), `round ${attempt}`);
      await killAfter(80 + attempt * 50, withGit);
      const repo = machine.repo();
      expect(await repo.hasMirror(never)).toBe(true);
      const [main] = await repo.refs(never);
      expect([before, commit]).toContain(main?.commit);
      expect(await repo.readFile(main?.commit ?? "", "file-0", never)).toHaveLength(2_000);
      await expectAllAgain();
    }
  });
});

/** An agent in a process of its own, killed after so many milliseconds. */
async function killAfter(ms: number, withGit: boolean): Promise<void> {
  const agent = startAgent();
  const ended = once(agent, "exit");
  await sleep(ms);
  const gits = withGit ? await childrenOf(agent.pid ?? 0) : [];
  agent.kill("SIGKILL");
  for (const pid of gits) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It had just ended.
    }
  }
  await ended;
}

async function agentRunsThrough(): Promise<void> {
  const [code] = (await once(startAgent(), "exit")) as [number];
  expect(code).toBe(0);
}

function startAgent() {
  const options = {
    source: machine.source,
    mirrorDirectory: machine.mirror,
    worktreeDirectory: machine.worktrees,
    scratchDirectory: join(machine.directory, "runtime"),
  };
  const script = join(import.meta.dirname, "config-repo.agent.ts");
  return spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit"] });
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run(["ps", "-o", "pid=", "--ppid", String(pid)], { check: false });
  return stdout.split("\n").filter(Boolean).map(Number);
}

/** No look at what a git that lives on may just be doing: a worktree under its final name is complete. */
async function expectWholeOrNothing(): Promise<void> {
  const names = await readdir(machine.worktrees).catch((): string[] => []);
  if (names.includes(commit)) await expectComplete(join(machine.worktrees, commit, "tree"));
  const repo = machine.repo();
  if (!(await repo.hasMirror(never))) return;
  expect((await repo.refs(never)).map((ref) => ref.commit)).toEqual([commit]);
  await run(["git", `--git-dir=${machine.mirror}`, "fsck", "--full", "--strict"]);
}

async function expectAllAgain(): Promise<void> {
  const repo = machine.repo();
  await repo.fetch(limitMs, never);
  expect((await repo.refs(never)).map((ref) => ref.commit)).toEqual([commit]);
  await expectComplete(await repo.checkout(commit, never));
}

async function expectComplete(tree: string): Promise<void> {
  const names = await readdir(tree);
  expect(names).toHaveLength(count);
  for (const name of names.slice(0, 20)) expect(await readFile(join(tree, name), "utf8")).toHaveLength(2_000);
}

function manyFiles(): Record<string, string> {
  const files = Array.from({ length: count }, (_, index) => [`file-${index}`, randomBytes(1_000).toString("hex")]);
  return Object.fromEntries(files) as Record<string, string>;
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
