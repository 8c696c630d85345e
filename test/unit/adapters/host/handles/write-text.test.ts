import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
  closeSync,
  constants,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeOutput, writePrivateFile } from "../../../../../src/adapters/host/output-file.ts";
import { give, isRoot, makeScene, underAttack, untouched, type Scene } from "./attack.ts";

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.remove());

test("a new file has the mode that the umask leaves, an old one keeps its own", async () => {
  const file = join(scene.root, "page.svg");
  const umask = process.umask(0o027);
  await writeOutput(file, "one");
  process.umask(umask);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  chmodSync(file, 0o604);
  await writeOutput(file, "two");
  expect(statSync(file).mode & 0o777).toBe(0o604);
  expect(readFileSync(file, "utf8")).toBe("two");
});

test("one's own link is followed, and stays", async () => {
  writeFileSync(join(scene.root, "target"), "");
  symlinkSync("target", join(scene.root, "link"));
  await writeOutput(join(scene.root, "link"), "text");
  expect(readFileSync(join(scene.root, "target"), "utf8")).toBe("text");
  expect(readdirSync(scene.root).toSorted()).toEqual(["link", "target", "theirs", "victim"]);
});

test.runIf(isRoot)("the link of another user is refused, by a stable code", async () => {
  const link = join(scene.theirs, "page.svg");
  symlinkSync(scene.victim, link);
  give(link);
  await expect(writeOutput(link, "text")).rejects.toMatchObject({ code: "output-failed" });
  expect(scene.seen()).toEqual(untouched);
});

test("a pipe and a device take the text; a file behind /dev/fd keeps what a shell would keep", async () => {
  const pipe = join(scene.root, "pipe");
  execFileSync("mkfifo", [pipe]);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  await writeOutput(pipe, "text");
  expect(readFileSync(reader, "utf8")).toBe("text");
  closeSync(reader);
  await writeOutput("/dev/null", "text");
  const file = join(scene.root, "appended");
  writeFileSync(file, "before\n");
  const descriptor = openSync(file, "a");
  await writeOutput(`/dev/fd/${descriptor}`, "after\n");
  closeSync(descriptor);
  expect(readFileSync(file, "utf8")).toBe("before\nafter\n");
  expect(spawnSync("test", ["-c", "/dev/null"]).status).toBe(0);
});

test.runIf(isRoot)("the pipe of another user, where others make names, takes nothing", async () => {
  chmodSync(scene.theirs, 0o1777);
  const pipe = join(scene.theirs, "page.svg");
  execFileSync("mkfifo", [pipe]);
  give(pipe);
  await expect(writeOutput(pipe, "text")).rejects.toMatchObject({ code: "output-failed" });
});

test("a directory is refused", async () => {
  mkdirSync(join(scene.root, "directory"));
  await expect(writeOutput(join(scene.root, "directory"), "")).rejects.toMatchObject({ code: "output-failed" });
});

test("a private file is nobody else's, also under attack", async () => {
  const file = join(scene.theirs, "bundle.tar.gz");
  symlinkSync(scene.victim, `${scene.theirs}/.bundle.tar.gz.${process.pid}.tmp`);
  await underAttack(scene, async () => {
    for (let at = 0; at < 50; at += 1) await writePrivateFile(file, Buffer.alloc(100_000)).catch(() => 0);
  });
  expect(scene.seen()).toEqual(untouched);
});
