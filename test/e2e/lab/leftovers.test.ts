import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { expect, test } from "vitest";

import { run } from "../../lab/run.ts";
import { waitFor } from "../../lab/wait.ts";

const repository = resolve(import.meta.dirname, "../../..");
const stay = join(import.meta.dirname, "stand-in/stay.ts");

// The second word of each command line.
const victims = { "the caller of in-lab.ts": "-c", "in-lab.ts": "scripts/in-lab.ts", "the command in it": stay };

test.for(Object.entries(victims))("SIGKILL to %s leaves nothing behind", async ([, word]) => {
  const id = randomBytes(4).toString("hex");
  const runner = spawn("sh", ["-c", `node scripts/in-lab.ts node ${stay}; true`], {
    cwd: repository,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LEFTOVER_ID: id },
  });
  try {
    // One line: the words by which the lab's own traces can be found.
    const [line] = (await once(runner.stdout, "data")) as [Buffer];
    const words = [id, ...String(line).trim().split(" ")];
    const before = await traces(words);
    expect(before.mounts, "the machine's disk and root are mounted").toBeGreaterThan(0);
    expect(before.loops).toBe(1);

    const hit = before.processes.find(({ args }) => args[1] === word);
    process.kill(hit?.pid ?? 0, "SIGKILL");
    const gone = async () => {
      expect(await traces(words)).toEqual({ processes: [], mounts: 0, loops: 0 });
      return true;
    };
    await waitFor(gone, { what: "nothing is left", timeout: 10_000 });
  } finally {
    runner.kill("SIGKILL");
  }
});

/** What is there under these words: processes by arguments, environment or cgroup, mounts in any namespace. */
async function traces(words: string[]) {
  const pids = (await readdir("/proc")).map(Number).filter((pid) => pid > 0);
  const all = (await Promise.all(pids.map((pid) => look(pid, words)))).filter((each) => each !== undefined);
  const loops = (await run(["losetup", "--all"])).stdout.split("\n").filter((line) => mentions(line, words));
  return {
    processes: all.filter(({ ours }) => ours).map(({ pid, args }) => ({ pid, args })),
    mounts: all.filter(({ mounts }) => mentions(mounts, words)).length,
    loops: loops.length,
  };
}

async function look(pid: number, words: string[]) {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const [args, environment, cgroup, mounts] = await Promise.all(
    ["cmdline", "environ", "cgroup", "mountinfo"].map(read),
  );
  // A process that has ended, and waits for its parent to take note, has no arguments left.
  if (!args) return undefined;
  return { pid, args: args.split("\0"), mounts: mounts ?? "", ours: mentions(`${args}${environment}${cgroup}`, words) };
}

function mentions(text: string, words: string[]): boolean {
  return words.some((word) => text.includes(word));
}
