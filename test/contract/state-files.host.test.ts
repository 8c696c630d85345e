import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createStateFiles } from "../../src/adapters/host/state-files.ts";
import { stateFilesSuite } from "./state-files.suite.ts";

const agent = join(import.meta.dirname, "state-files.agent.ts");

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "muster-state-"));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe("state files of the host", () => {
  stateFilesSuite(() => createStateFiles(join(root, "state")));

  it("are readable by their owner alone", async () => {
    const files = createStateFiles(join(root, "state"));
    await files.write("runs/0001-abcd/journal.jsonl", "x");
    await files.append("log", "x");
    const modes = ["state", "state/runs", "state/runs/0001-abcd/journal.jsonl", "state/log"];
    expect(await Promise.all(modes.map(async (name) => (await stat(join(root, name))).mode & 0o077))).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it("never lie outside their root", async () => {
    const files = createStateFiles(join(root, "state"));
    await expect(files.write("../other", "x")).rejects.toThrow("leaves its root");
    await expect(files.read("runs/../../other")).rejects.toThrow("leaves its root");
    expect(await files.read("/etc/passwd")).toBeUndefined();
  });

  it("say in plain words what the disk refuses, and leave no part behind", async () => {
    await writeFile(join(root, "state"), "a file where the directory should be");
    const files = createStateFiles(join(root, "state"));
    await expect(files.write("status.json", "x")).rejects.toMatchObject({
      code: "state-write-failed",
      transient: true,
    });
    expect(await files.read("status.json")).toBeUndefined();
  });

  it("are plain files of a bounded size: a pipe is not waited for, and nobody reads gigabytes", async () => {
    await promisify(execFile)("mkfifo", [join(root, "status.json")]);
    await writeFile(join(root, "large.json"), "");
    await truncate(join(root, "large.json"), 100 * 1024 * 1024);
    const files = createStateFiles(root);
    for (const name of ["status.json", "large.json"]) {
      await expect(files.read(name)).rejects.toMatchObject({ code: "state-read-failed" });
    }
  });

  it("keep nothing of a process that died in a write, and everything of those that live", async () => {
    const dead = spawn("true");
    await once(dead, "close");
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const names = [
      `.${process.ppid}.${boot}.of-one-that-lives.1.tmp`,
      `.${dead.pid}.${boot}.of-one-that-died.1.tmp`,
      `.${process.pid}.${boot}.of-one-that-had-our-number.1.tmp`,
      `.${process.ppid}.another-boot.of-one-that-lived.1.tmp`,
      `.${dead.pid}.cut.tmp`,
    ];
    for (const name of [...names, "instance.json"]) await writeFile(join(root, name), "");
    const files = createStateFiles(root);
    await Promise.all([files.write("a.json", "a"), files.write("b.json", "b")]);
    // A directory has no order of its own.
    expect(new Set(await readdir(root))).toEqual(new Set([names[0], "a.json", "b.json", "instance.json"]));
  });

  it("a reader never sees a part of a write", async () => {
    const files = createStateFiles(root);
    const texts = ["a", "b"].map((letter) => letter.repeat(200_000));
    await files.write("status.json", texts[0] ?? "");
    let over = false;
    const writing = (async () => {
      for (let round = 0; round < 30; round += 1) await files.write("status.json", texts[round % 2] ?? "");
      over = true;
    })();
    while (!over) expect(texts).toContain(await files.read("status.json"));
    await writing;
  });

  it("survive SIGKILL at any point: what was said to be written is there, and nothing is there in part", async () => {
    for (let attempt = 0; attempt < 12; attempt += 1) {
      await rm(join(root, "state"), { recursive: true, force: true });
      const child = spawn(process.execPath, [agent, join(root, "state")], { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      await once(child.stdout, "data");
      await sleep(Math.random() * 60);
      child.kill("SIGKILL");
      await once(child, "close");

      const [written = 0, appended = 0] = ["written", "appended"].map((word) => said.split(`${word} `).length - 1);
      const status = await readFile(join(root, "state/status.json"), "utf8");
      const [line = ""] = status.split("\n", 1);
      expect(status).toBe(`${line}\n`.repeat(20_000));
      expect(Number(line)).toBeGreaterThanOrEqual(written);
      const journal = appended === 0 ? "" : await readFile(join(root, "state/runs/0001-abcd/journal.jsonl"), "utf8");
      expect(journal.split("\n").length - 1).toBeGreaterThanOrEqual(appended);
    }
  });

  it("say so when something else than a file is read", async () => {
    const files = createStateFiles(root);
    await files.write("directory/file", "x");
    await expect(files.read("directory")).rejects.toMatchObject({ code: "state-read-failed" });
  });
});
