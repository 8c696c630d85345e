import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { setAccess } from "../../../../../src/adapters/host/handles/access.ts";
import { openOwnFile, openOwnHandle } from "../../../../../src/adapters/host/handles/own-file.ts";
import { createBoundedFile } from "../../../../../src/adapters/host/log-file.ts";
import { give, isRoot, makeScene, untouched, type Scene } from "./attack.ts";

const modes = { file: 0o640, directory: 0o750 };

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.remove());

test("text is appended to a file that is made with its directory", async () => {
  const file = join(scene.root, "log/own");
  const descriptor = openOwnFile(file, modes);
  writeSync(descriptor, "one\n");
  closeSync(descriptor);
  const handle = await openOwnHandle(file, modes);
  await handle.writeFile("two\n");
  await handle.close();
  expect(readFileSync(file, "utf8")).toBe("one\ntwo\n");
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(statSync(join(scene.root, "log")).mode & 0o777).toBe(0o750);
});

test("a link, a pipe and a directory are refused, and nobody waits", () => {
  symlinkSync(scene.victim, join(scene.theirs, "link"));
  execFileSync("mkfifo", [join(scene.theirs, "pipe")]);
  mkdirSync(join(scene.theirs, "directory"));
  expect(() => openOwnFile(join(scene.theirs, "link"), modes)).toThrow(/ELOOP/);
  expect(() => openOwnFile(join(scene.theirs, "pipe"), modes)).toThrow(/no plain file/);
  expect(() => openOwnFile(join(scene.theirs, "directory"), modes)).toThrow(/EISDIR/);
});

test("a second name is refused where others make names, and taken where they do not, as a backup makes them", () => {
  chmodSync(scene.theirs, 0o777);
  linkSync(scene.victim, join(scene.theirs, "name"));
  expect(() => openOwnFile(join(scene.theirs, "name"), modes)).toThrow(/second name/);
  mkdirSync(join(scene.root, "mine"), { mode: 0o700 });
  linkSync(scene.victim, join(scene.root, "mine/name"));
  closeSync(openOwnFile(join(scene.root, "mine/name"), modes));
});

test.runIf(isRoot)("the file of another user is refused", () => {
  const file = join(scene.theirs, "file");
  writeFileSync(file, "");
  give(file);
  expect(() => openOwnFile(file, modes)).toThrow(/another user/);
});

test("the log is not written through a link, nor in place of its directory", () => {
  symlinkSync(scene.victim, join(scene.theirs, "muster.log"));
  createBoundedFile(join(scene.theirs, "muster.log"), 1000).write("line\n");
  expect(scene.seen()).toEqual(untouched);
  if (!isRoot) return;
  symlinkSync(scene.root, join(scene.theirs, "log"));
  give(join(scene.theirs, "log"));
  createBoundedFile(join(scene.theirs, "log/victim"), 1000).write("line\n");
  expect(scene.seen()).toEqual(untouched);
});

test("access is set on what is there, and never through a link", () => {
  const file = join(scene.root, "file");
  writeFileSync(file, "");
  setAccess(file, { mode: 0o660, ...(isRoot ? { group: 65_534 } : {}) });
  expect(statSync(file).mode & 0o777).toBe(0o660);
  if (isRoot) expect(statSync(file)).toMatchObject({ uid: 0, gid: 65_534 });
  symlinkSync(scene.victim, join(scene.root, "link"));
  expect(() => setAccess(join(scene.root, "link"), { mode: 0o666 })).toThrow(/symbolic link/);
  expect(scene.seen()).toEqual(untouched);
});

test.runIf(isRoot)("access of what another user put there is left alone", () => {
  const file = join(scene.theirs, "file");
  writeFileSync(file, "", { mode: 0o600 });
  give(file);
  expect(() => setAccess(file, { mode: 0o666 })).toThrow(/another user/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});
