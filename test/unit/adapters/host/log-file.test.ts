import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBoundedFile, createEventLog } from "../../../../src/adapters/host/log-file.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-log-"));
  file = join(directory, "log", "muster.log");
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test("the log never takes more than twice its bound, and the newest lines are in it", async () => {
  const log = createBoundedFile(file, 1000);
  for (let index = 0; index < 500; index += 1) log.write(`line ${index} ${"x".repeat(40)}\n`);
  expect((await readdir(join(directory, "log"))).toSorted()).toEqual(["muster.log", "muster.log.1"]);
  expect((await stat(file)).size).toBeLessThanOrEqual(1000);
  expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(1000);
  const text = (await readFile(`${file}.1`, "utf8")) + (await readFile(file, "utf8"));
  const numbers = [...text.matchAll(/^line (\d+)/gm)].map(([, number]) => Number(number));
  expect(numbers.at(-1)).toBe(499);
  expect(numbers).toEqual(numbers.map((_number, index) => (numbers[0] ?? 0) + index));
});

test("what a process before wrote counts, and a line longer than the bound is written whole", async () => {
  const first = createBoundedFile(file, 100);
  first.write(`${"a".repeat(80)}\n`);
  const second = createBoundedFile(file, 100);
  second.write(`${"b".repeat(300)}\n`);
  expect(await readFile(`${file}.1`, "utf8")).toBe(`${"a".repeat(80)}\n`);
  expect(await readFile(file, "utf8")).toBe(`${"b".repeat(300)}\n`);
});

test("a place that takes no log stops nobody, and is used again when it does", async () => {
  await writeFile(join(directory, "log"), "in the way");
  const log = createBoundedFile(file, 1000);
  log.write("lost\n");
  await rm(join(directory, "log"));
  log.write("kept\n");
  expect(await readFile(file, "utf8")).toBe("kept\n");
});

test("every event is one JSON line with all its fields", async () => {
  const lines: string[] = [];
  const listen = createEventLog({ write: (line) => void lines.push(line) });
  const at = "2026-01-01T00:00:00.000Z";
  listen({ type: "stage-progress", stage: "patch", text: "two\nlines", waiting: true, at, run: "0001-abcd" });
  listen({ type: "notice", level: "error", code: "state-write-failed", text: "no space", at });
  expect(lines.every((line) => line.indexOf("\n") === line.length - 1)).toBe(true);
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({
    level: 30,
    msg: "stage-progress",
    event: { stage: "patch", text: "two\nlines", run: "0001-abcd" },
  });
  expect(second).toMatchObject({ level: 50, event: { code: "state-write-failed" } });
});
