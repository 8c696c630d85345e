import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kindOf, readSettingsFiles, readTextFile } from "../../../../src/adapters/host/settings-files.ts";

let directory = "";
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "muster-settings-"))));
afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = join(directory, name);
  writeFileSync(file, content);
  return file;
}

test("the main file, then the layers in the order of their names", async () => {
  const main = write("muster.yaml", "a: 1\n");
  const layers = join(directory, "conf.d");
  mkdirSync(layers);
  for (const name of ["20-b.yaml", "10-a.yaml", "README", ".hidden.yaml", "30-c.yml"])
    write(`conf.d/${name}`, `${name}\n`);
  expect(await readSettingsFiles(main, layers)).toEqual([
    { file: main, text: "a: 1\n" },
    { file: join(layers, "10-a.yaml"), text: "10-a.yaml\n" },
    { file: join(layers, "20-b.yaml"), text: "20-b.yaml\n" },
  ]);
});

test("no directory of layers is no layers", async () => {
  const main = write("muster.yaml", "");
  expect(await readSettingsFiles(main, join(directory, "conf.d"))).toHaveLength(1);
});

test("no main file is settings-missing, a directory in its place settings-unreadable", async () => {
  await expect(readSettingsFiles(join(directory, "none.yaml"), directory)).rejects.toMatchObject({
    code: "settings-missing",
  });
  await expect(readSettingsFiles(directory, directory)).rejects.toMatchObject({ code: "settings-unreadable" });
});

test("bytes that are no UTF-8 arrive as U+FFFD, and a larger file than 1 MiB is never cut to one that fits", async () => {
  expect((await readTextFile(write("a", new Uint8Array([0x61, 0xff, 0x62]))))?.text).toBe("a\uFFFDb");
  const limit = 1024 * 1024;
  const large = "x".repeat(3_000_000);
  expect((await readTextFile(write("b", large)))?.text.length).toBe(limit + 4);
  // The mark at the beginning is taken off, and must not make room.
  expect((await readTextFile(write("c", `\uFEFF${large}`)))?.text.length).toBeGreaterThan(limit);
  expect((await readTextFile(write("d", `\uFEFF${"x".repeat(limit)}`)))?.text.length).toBe(limit);
});

test("a file that says no size, as those of the kernel, is read to its end", async () => {
  expect((await readTextFile("/proc/cpuinfo"))?.text).toBe(readFileSync("/proc/cpuinfo", "utf8"));
});

test("what is at a path", async () => {
  expect(await kindOf(write("a", ""))).toBe("file");
  expect(await kindOf(directory)).toBe("directory");
  expect(await kindOf(join(directory, "none"))).toBeUndefined();
});

test("a link to nothing is no file that is not there: what it should bring is missing", async () => {
  const main = write("muster.yaml", "");
  mkdirSync(join(directory, "conf.d"));
  symlinkSync("/nonexistent/site.yaml", join(directory, "conf.d", "10-site.yaml"));
  const reading = readSettingsFiles(main, join(directory, "conf.d"));
  await expect(reading).rejects.toThrow("10-site.yaml cannot be read: it is a link to /nonexistent/site.yaml");
  await expect(reading).rejects.toMatchObject({ code: "settings-unreadable" });
});

test("a pipe in a file's place is refused and not waited for", async () => {
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(readTextFile(pipe)).rejects.toMatchObject({ code: "settings-unreadable" });
}, 3_000);
