import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSummary } from "../../../../src/adapters/puppet/summary.ts";

let directory = "";

beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), "muster-summary-"))));
afterAll(() => rm(directory, { recursive: true }));

async function read(text: string) {
  const file = join(directory, "last_run_summary.yaml");
  await writeFile(file, text);
  return await readSummary(file);
}

const resources = "resources:\n  total: 8\n  changed: 1\n  failed: 0\n  out_of_sync: 1\n";
const counts = { total: 8, changed: 1, failed: 0, skipped: 0 };

test.each([
  ["time:\n  total: 1.5\n  last_run: 1700000000\n", { total: 1.5 }],
  ["time:\n  total: 1.5\n  exec: null\n  file: soon\n", { total: 1.5 }],
  ["time: null\n", {}],
  ["time: never\n", {}],
  ["", {}],
])("durations that are malformed (%j) cost themselves alone", async (time, seconds) => {
  expect(await read(`${resources}${time}`)).toEqual({ counts, seconds, outOfSync: 1 });
});

test("counts that are null or absent are none; any other malformed count is no report", async () => {
  expect(await read("resources:\n  total: 3\n  skipped: null\n")).toMatchObject({
    counts: { total: 3, changed: 0, failed: 0, skipped: 0 },
  });
  for (const failed of ["many", "-1", "0.5", "[]"]) {
    expect(await read(`resources:\n  failed: ${failed}\n`)).toBeUndefined();
  }
  for (const text of ["", "null", "- x", "resources: null", "{"]) expect(await read(text)).toBeUndefined();
});
