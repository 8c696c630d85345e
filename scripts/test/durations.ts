// How long the end-to-end files took in the last run of `npm test`: `npm run test:durations` writes it to
// durations.json, from which longest-first.ts has the order.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

/** Shorter files are not worth a line: their order does not matter. */
const leastSeconds = 10;

/** Seconds by file, relative to `root`, longest first, of a report that vitest's `json` reporter wrote. */
export function durationsOf(report: string, root: string): Readonly<Record<string, number>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the vitest that the lock file pins
  const { testResults } = JSON.parse(report) as {
    testResults: readonly { name: string; startTime: number; endTime: number }[];
  };
  const rows = testResults.map(({ name, startTime, endTime }): [string, number] => [
    relative(root, name),
    Math.round((endTime - startTime) / 1000),
  ]);
  return Object.fromEntries(rows.filter(([, seconds]) => seconds >= leastSeconds).toSorted((a, b) => b[1] - a[1]));
}

if (import.meta.main) {
  const repository = resolve(import.meta.dirname, "../..");
  const table = durationsOf(readFileSync(join(repository, "tmp/test/e2e.json"), "utf8"), repository);
  writeFileSync(join(import.meta.dirname, "durations.json"), `${JSON.stringify(table, undefined, 2)}\n`);
}
