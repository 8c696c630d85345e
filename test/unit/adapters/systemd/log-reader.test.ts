import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLogReader } from "../../../../src/adapters/systemd/log-reader.ts";

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-log-"));
  file = join(directory, "muster-0001-abcd-upgrade.log");
});
afterEach(() => rm(directory, { recursive: true }));

async function linesOf(from: number, to?: number): Promise<readonly string[] | undefined> {
  const lines: string[] = [];
  const reader = createLogReader({ file, from, ...(to !== undefined && { to }) }, (line) => lines.push(line));
  const there = await reader.read();
  reader.end();
  return there ? lines : undefined;
}

test("a part of a log is the lines that begin in it", async () => {
  await writeFile(file, "one\ntwo\nthree");
  expect(await linesOf(0)).toEqual(["one", "two", "three"]);
  expect(await linesOf(0, 4)).toEqual(["one"]);
  expect(await linesOf(4)).toEqual(["two", "three"]);
  // Whoever began to listen in the middle of "two" is told from "three" on, and the one before has "two" whole.
  expect(await linesOf(0, 6)).toEqual(["one", "two"]);
  expect(await linesOf(6)).toEqual(["three"]);
});

test("however a log is divided, its parts tell every line once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: fc.constantFrom("a", "ü", "b"), minLength: 1, maxLength: 12 }), { maxLength: 30 }),
      fc.array(fc.nat(400), { maxLength: 4 }),
      fc.boolean(),
      async (lines, cuts, complete) => {
        const text = lines.join("\n") + (complete && lines.length > 0 ? "\n" : "");
        await writeFile(file, text);
        const places = [0, ...cuts.filter((cut) => cut <= Buffer.byteLength(text)).toSorted((a, b) => a - b)];
        const parts = await Promise.all(places.map((from, index) => linesOf(from, places[index + 1])));
        expect(parts.flat()).toEqual(lines);
      },
    ),
    { numRuns: 200 },
  );
});

test("a line that spans what is read at once is found whole", async () => {
  const long = "x".repeat(70_000);
  await writeFile(file, `${long}\nlast\n`);
  expect(await linesOf(10)).toEqual(["last"]);
  expect(await linesOf(0, 10)).toEqual([`${long.slice(0, 4096)}…`]);
});

test("what is printed later is read later, a half line when it is whole", async () => {
  await writeFile(file, "one\ntw");
  const lines: string[] = [];
  const reader = createLogReader({ file, from: 0 }, (line) => lines.push(line));
  await reader.read();
  await reader.read();
  expect(lines).toEqual(["one"]);
  await appendFile(file, "o\nthr");
  await reader.read();
  expect(lines).toEqual(["one", "two"]);
  reader.end();
  expect(lines).toEqual(["one", "two", "thr"]);
});

test("a log that was removed, or is shorter than where the part begins, is not there", async () => {
  expect(await linesOf(0)).toBeUndefined();
  await writeFile(file, "one\n");
  expect(await linesOf(5)).toBeUndefined();
  expect(await linesOf(4)).toEqual([]);
});

test("a pipe, a directory and a name that no file can have are not there, and nobody waits", async () => {
  execFileSync("mkfifo", [file]);
  for (const each of [file, dirname(file), `${file}\0`]) {
    const reader = createLogReader({ file: each, from: 0 }, () => expect.fail("a line"));
    expect(await reader.read()).toBe(false);
  }
});
