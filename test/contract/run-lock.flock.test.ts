import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { createRunLock } from "../../src/adapters/host/run-lock.ts";
import { runLockSuite } from "./run-lock.suite.ts";

const { signal: never } = new AbortController();
const agent = join(import.meta.dirname, "run-lock.agent.ts");

let directory: string;
let path: string;
let children: ChildProcess[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-lock-"));
  path = join(directory, "run", "lock");
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(directory, { recursive: true, force: true });
});

function lockHere() {
  return createRunLock(path, createClock());
}

/** Another process that says `holds` or `waits`; resolves with the first of it. */
async function startAgent() {
  const child = spawn(process.execPath, [agent, path], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: said.toString() };
}

describe("the machine's lock", () => {
  runLockSuite(async () => ({ one: lockHere(), other: lockHere() }));

  it("dies with its holder, however that dies", async () => {
    const { child, said } = await startAgent();
    expect(said).toBe("holds\n");
    const refused = lockHere().acquire("muster run", 0, never, () => undefined);
    const message = expect.stringContaining(`"muster run" (process ${child.pid}, since `) as string;
    await expect(refused).rejects.toMatchObject({ code: "lock-held", message });
    child.kill("SIGKILL");
    await once(child, "close");
    await (await lockHere().acquire("the test", 0, never, () => undefined)).release();
  });

  it("passes to a process that waits", async () => {
    const held = await lockHere().acquire("the test", 0, never, () => undefined);
    const { child, said } = await startAgent();
    expect(said).toBe("waits\n");
    await held.release();
    const [later] = (await once(child.stdout ?? child, "data")) as [Buffer];
    expect(later.toString()).toBe("holds\n");
  });

  it("is not inherited by what its holder starts", async () => {
    const held = await lockHere().acquire("the test", 0, never, () => undefined);
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    children.push(child);
    await once(child, "spawn");
    await held.release();
    await (await lockHere().acquire("the test", 0, never, () => undefined)).release();
  });

  it("is nothing but a file when nobody holds it, whatever is in it", async () => {
    await (await lockHere().acquire("the test", 0, never, () => undefined)).release();
    expect((await stat(path)).isFile()).toBe(true);
    await writeFile(path, "garbage");
    await (await lockHere().acquire("the test", 0, never, () => undefined)).release();
  });

  it("says so when it cannot even be tried", async () => {
    await writeFile(join(directory, "run"), "in the way");
    const refused = lockHere().acquire("the test", 0, never, () => undefined);
    await expect(refused).rejects.toMatchObject({ code: "lock-failed" });
  });
});
