import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "../../../../../src/adapters/host/handles/replace-file.ts";
import { temporaryIn } from "../../../../../src/adapters/host/temporary-files.ts";
import { give, isRoot, makeScene, underAttack, untouched, type Scene } from "./attack.ts";

let scene: Scene;
beforeEach(() => {
  scene = makeScene();
});
afterEach(() => scene.remove());

test("the file has its text and its mode, whatever the umask, and nothing lies beside it", async () => {
  const file = join(scene.theirs, "new/deep/file");
  const umask = process.umask(0o077);
  await replaceFile(file, "one", { mode: 0o644, directoryMode: 0o755 });
  await replaceFile(file, "two", { mode: 0o644, directoryMode: 0o755, durable: true });
  process.umask(umask);
  expect(readFileSync(file, "utf8")).toBe("two");
  expect(modeOf(file)).toBe("644");
  expect(modeOf(join(scene.theirs, "new"))).toBe("755");
  expect(readdirSync(join(scene.theirs, "new/deep"))).toEqual(["file"]);
});

test("a link in the file's place is replaced and not followed", async () => {
  const file = join(scene.theirs, "file");
  symlinkSync(scene.victim, file);
  await replaceFile(file, "new", { mode: 0o644 });
  expect(scene.seen()).toEqual(untouched);
  expect(readFileSync(file, "utf8")).toBe("new");
});

test("links in the place of the temporary file change nothing but the file itself", async () => {
  const file = join(scene.theirs, "file");
  const swapped = await underAttack(scene, async () => {
    for (let at = 0; at < 200; at += 1) await replaceFile(file, "x".repeat(100_000), { mode: 0o644 }).catch(() => 0);
  });
  expect(scene.seen()).toEqual(untouched);
  expect(swapped).toBeGreaterThan(0);
});

test("a name that was seen does not tell the next one", () => {
  const names = Array.from({ length: 50 }, () => temporaryIn("/x").slice(3));
  const random = names.map((name) => name.split(".").at(-2) ?? "");
  expect(new Set(random).size).toBe(50);
  for (const each of random) expect(each).toMatch(/^[0-9a-f-]{36}$/);
});

test.runIf(isRoot)(
  "a link of another user on the way leads nowhere: nothing is written and no directory made",
  async () => {
    mkdirSync(join(scene.root, "mine"));
    const link = join(scene.theirs, "link");
    symlinkSync(join(scene.root, "mine"), link);
    give(link);
    const refused = new RegExp(`^ELOOP: .*${link}`);
    await expect(replaceFile(join(link, "file"), "x")).rejects.toThrow(refused);
    await expect(replaceFile(join(link, "a/b/file"), "x", { directoryMode: 0o755 })).rejects.toThrow(refused);
    expect(readdirSync(join(scene.root, "mine"))).toEqual([]);
  },
);

test("links of one's own and of root are followed on the way, relative ones too", async () => {
  mkdirSync(join(scene.root, "far/inner"), { recursive: true });
  symlinkSync("../far", join(scene.theirs, "relative"));
  symlinkSync(join(scene.root, "far"), join(scene.theirs, "absolute"));
  await replaceFile(join(scene.theirs, "relative/inner/one"), "1");
  await replaceFile(join(scene.theirs, "absolute/inner/../two"), "2");
  expect(readFileSync(join(scene.root, "far/inner/one"), "utf8")).toBe("1");
  expect(readFileSync(join(scene.root, "far/two"), "utf8")).toBe("2");
  symlinkSync("circle", join(scene.theirs, "circle"));
  await expect(replaceFile(join(scene.theirs, "circle/x"), "")).rejects.toMatchObject({ code: "ELOOP" });
});

test("errors name the path and not the handle, and leave nothing", async () => {
  const missing = join(scene.theirs, "none/file");
  await expect(replaceFile(missing, "x")).rejects.toThrow(/^ENOENT: .*\/theirs\/none'/);
  mkdirSync(join(scene.theirs, "taken/inner"), { recursive: true });
  const error = await replaceFile(join(scene.theirs, "taken"), "x").catch((thrown: unknown) => String(thrown));
  expect(error).toContain(join(scene.theirs, "taken"));
  expect(error).not.toContain("/proc/self/fd");
  expect(readdirSync(scene.theirs)).toEqual(["taken"]);
});

test("the temporary file may lie elsewhere", async () => {
  const watched = join(scene.root, "watched");
  mkdirSync(watched);
  await replaceFile(join(watched, "file"), "x", { through: scene.root });
  expect(readdirSync(watched)).toEqual(["file"]);
  expect(readdirSync(scene.root).toSorted()).toEqual(["theirs", "victim", "watched"]);
});

test("no descriptor is left open", async () => {
  const before = readdirSync("/proc/self/fd").length;
  for (let at = 0; at < 20; at += 1) {
    await replaceFile(join(scene.root, "file"), "x", { durable: true, through: scene.theirs });
    await replaceFile(join(scene.root, "none/file"), "x").catch(() => 0);
  }
  writeFileSync(join(scene.root, "end"), "");
  expect(readdirSync("/proc/self/fd").length).toBeLessThan(before + 10);
  expect(readlinkSync("/proc/self/cwd")).not.toBe("");
});

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}
