import { gunzipSync } from "node:zlib";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask, readTail } from "../../../../src/adapters/host/gather.ts";
import { writeGzipped, writePrivateFile } from "../../../../src/adapters/host/output-file.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-gather-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("a file that is short is read whole, of a long one the last whole lines", async () => {
  const file = join(directory, "log");
  await writeFile(file, "one\ntwo\nthree\n");
  expect(await readTail(file, 100)).toEqual({ text: "one\ntwo\nthree\n" });
  expect(await readTail(file, 12)).toEqual({ text: "[cut: this is the end of 14 bytes]\ntwo\nthree\n", cutFrom: 14 });
});

test("a file of the kernel, which has no size, is read", async () => {
  expect((await readTail("/proc/uptime", 100)).text).toMatch(/^\d+\.\d+ /);
});

test("a pipe, a directory and nothing are errors, and nobody waits", async () => {
  execFileSync("mkfifo", [join(directory, "pipe")]);
  await expect(readTail(join(directory, "pipe"), 10)).rejects.toThrow("it is no regular file");
  await expect(readTail(directory, 10)).rejects.toThrow("it is no regular file");
  await expect(readTail(join(directory, "none"), 10)).rejects.toThrow("ENOENT");
});

test("a program says what it says on both outputs, how it ended, or why it said nothing", async () => {
  const { signal } = new AbortController();
  const limits = { timeoutMs: 5000, maxBytes: 1000, signal };
  expect(await ask(["/bin/sh", "-c", "echo a"], limits)).toEqual({ text: "a\n" });
  expect(await ask(["/bin/sh", "-c", "echo a; echo b >&2; exit 3"], limits)).toEqual({
    text: "a\n[standard error]\nb\n",
    exit: 3,
  });
  expect(await ask(["no-such-program"], limits)).toEqual({ why: "no-such-program is not installed" });
  expect(await ask(["/bin/sleep", "60"], { ...limits, timeoutMs: 50 })).toEqual({
    why: "it did not end within 0.05 s",
  });
});

test("of what a program prints over the limit the beginning is there, and says that it is cut", async () => {
  const { signal } = new AbortController();
  const said = await ask(["/bin/sh", "-c", "echo abcdef; exit 3"], { timeoutMs: 5000, maxBytes: 3, signal });
  expect(said).toEqual({ text: "[cut: of each output this is the first 3 B]\nabc", exit: 3 });
});

test("a private file is there whole, for its owner alone, over what was there", async () => {
  const file = join(directory, "bundle");
  await writeFile(file, "old");
  await chmod(file, 0o644);
  await writePrivateFile(file, new TextEncoder().encode("new"));
  expect(await readFile(file, "utf8")).toBe("new");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toEqual(["bundle"]);
});

async function* parts(failing: boolean): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < 40; at += 1) yield new Uint8Array(100_000).fill(at);
  if (failing) throw new Error("cannot go on");
}

test("what is compressed comes in parts; where a part fails, the old file stays and nothing is left behind", async () => {
  const file = join(directory, "bundle.gz");
  const size = await writeGzipped(file, parts(false));
  expect((await stat(file)).size).toBe(size);
  expect(gunzipSync(await readFile(file))).toHaveLength(4_000_000);
  await expect(writeGzipped(file, parts(true))).rejects.toThrow("cannot go on");
  expect((await stat(file)).size).toBe(size);
  expect(await readdir(directory)).toEqual(["bundle.gz"]);
});

test("what cannot be written leaves nothing behind and says so", async () => {
  const bytes = new TextEncoder().encode("new");
  await expect(writePrivateFile(join(directory, "none", "bundle"), bytes)).rejects.toMatchObject({
    code: "output-failed",
  });
  // Nothing can be renamed over a directory that holds something.
  await mkdir(join(directory, "bundle", "inner"), { recursive: true });
  await expect(writePrivateFile(join(directory, "bundle"), bytes)).rejects.toMatchObject({ code: "output-failed" });
  expect(await readdir(directory)).toEqual(["bundle"]);
});
