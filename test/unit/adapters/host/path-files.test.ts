import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  beginningOfPath,
  observePath,
  removeLeftovers,
  replaceAtPath,
  roomAtPath,
} from "../../../../src/adapters/host/path-files.ts";

const limits = { timeoutMs: 10_000, signal: new AbortController().signal };
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-path-files-"));
});
afterEach(() => rmSync(root, { recursive: true }));

test("looks at what a link leads to", async () => {
  const [file, link] = [join(root, "-a file"), join(root, "link")];
  writeFileSync(file, "12345");
  chmodSync(file, 0o4750);
  symlinkSync(file, link);
  const uid = process.getuid?.();
  expect(await observePath(link, limits)).toEqual({ mode: 0o4750, uid, size: 5, kind: "file" });
  expect(await observePath(root, limits)).toMatchObject({ kind: "directory", mode: 0o700 });
  expect(await observePath("/dev/null", limits)).toMatchObject({ kind: "other" });
});

test("reads the beginning alone", async () => {
  const file = join(root, "file");
  writeFileSync(file, "x".repeat(3_000_000));
  expect(await beginningOfPath(file, 100, limits)).toBe("x".repeat(100));
});

test("tells the room of a file system as the kernel does", async () => {
  const { bsize, blocks, bfree, bavail } = statfsSync(root);
  const { whole, available } = await roomAtPath(root, limits);
  // Others write meanwhile.
  const about = blocks * bsize * 0.01;
  expect(Math.abs(available - bavail * bsize)).toBeLessThan(about);
  expect(Math.abs(whole - (blocks - bfree + bavail) * bsize)).toBeLessThan(about);
});

test("a file is replaced as a whole, for everybody to read; what lies there is not written to", async () => {
  const directory = join(root, "made/on the way");
  const [file, others] = [join(directory, "m.prom"), join(root, "others")];
  const umask = process.umask(0o077);
  await replaceAtPath(file, "one\n", limits);
  process.umask(umask);
  expect(statSync(file).mode & 0o777).toBe(0o644);
  expect(statSync(directory).mode & 0o777).toBe(0o755);
  writeFileSync(others, "mine");
  rmSync(file);
  linkSync(others, file);
  await replaceAtPath(file, "two\n", limits);
  expect(readFileSync(others, "utf8")).toBe("mine");
  rmSync(file);
  symlinkSync(others, file);
  await replaceAtPath(file, "three\n", limits);
  expect(readFileSync(others, "utf8")).toBe("mine");
  expect(readFileSync(file, "utf8")).toBe("three\n");
  expect(readdirSync(directory)).toEqual(["m.prom"]);
});

test("links of root are followed; those of another user are not, and lead to no directory that is made", async () => {
  const [far, theirs] = [join(root, "far"), join(root, "theirs")];
  mkdirSync(far);
  mkdirSync(theirs, { mode: 0o777 });
  chmodSync(theirs, 0o777);
  symlinkSync("far", join(root, "link"));
  await replaceAtPath(join(root, "link/new/m.prom"), "one", limits);
  expect(readFileSync(join(far, "new/m.prom"), "utf8")).toBe("one");
  symlinkSync(far, join(theirs, "link"));
  for (const path of ["link/n.prom", "link/made/n.prom"]) {
    await expect(replaceAtPath(join(theirs, path), "two", limits)).rejects.toThrow("of another user");
  }
  expect(readdirSync(far)).toEqual(["new"]);
});

test("what cannot be written leaves nothing behind, and no later one takes another file for its own", async () => {
  const file = join(root, "m[1].prom");
  mkdirSync(file);
  await expect(replaceAtPath(file, "text", limits)).rejects.toThrow();
  expect(readdirSync(root)).toEqual(["m[1].prom"]);
  const old = `${file}.0123456789abcdef.tmp`;
  const kept = [`${file}.tmp`, `${file}.0123456789abcdeg.tmp`, join(root, "m1.prom.0123456789abcdef.tmp")];
  for (const name of [old, ...kept]) writeFileSync(name, "");
  await removeLeftovers(file, limits);
  expect(readdirSync(root)).toHaveLength(1 + kept.length);
  expect(readdirSync(root)).not.toContain(old);
});
