import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

import durations from "../../../scripts/test/durations.json" with { type: "json" };
import { durationsOf } from "../../../scripts/test/durations.ts";
import { longestFirst } from "../../../scripts/test/longest-first.ts";

const repository = resolve(import.meta.dirname, "../../..");

test("the table of a report has the long files, longest first", () => {
  const testResults = [
    { name: "/root/test/a.test.ts", startTime: 0, endTime: 9_000 },
    { name: "/root/test/b.test.ts", startTime: 0, endTime: 20_400 },
    { name: "/root/test/c.test.ts", startTime: 1_000, endTime: 61_000 },
  ];
  const table = durationsOf(JSON.stringify({ testResults }), "/root");
  expect(Object.entries(table)).toEqual([
    ["test/c.test.ts", 60],
    ["test/b.test.ts", 20],
  ]);
});

test("every file of the table is there", () => {
  expect(Object.keys(durations).filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});

test("long files start first, whatever their order", () => {
  const [longest = "", second = ""] = Object.keys(durations);
  const files = ["test/e2e/short.test.ts", "test/e2e/short-too.test.ts", second, longest];
  const sorted = longestFirst(files.map((file) => ({ moduleId: join(repository, file) })));
  expect(sorted.map(({ moduleId }) => relative(repository, moduleId))).toEqual([longest, second, ...files.slice(0, 2)]);
});
