import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { readReport, totals } from "../../../scripts/test/tally.ts";

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "muster-tally-"));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

const file = { name: "a.test.ts", status: "passed", assertionResults: [] };

test("counts what vitest counted", () => {
  const failed = { fullName: "b fails", status: "failed" };
  const report = write({ testResults: [{ ...file, status: "failed", assertionResults: [failed] }] });
  expect(readReport(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 3, failures: ["b fails"] });
});

test("a file that could not be loaded is a failure", () => {
  const report = write({ testResults: [{ ...file, status: "failed" }] });
  expect(readReport(report, 1)).toMatchObject({ failed: 1, failures: ["a.test.ts"] });
});

test("a run that failed without a failed test is a failure", () => {
  expect(readReport(write({ testResults: [file] }), 1)).toMatchObject({ failed: 1 });
  expect(readReport(write({ testResults: [file] }), 0)).toMatchObject({ failed: 0 });
});

test("a run that left no report, or half of one, is a failure", () => {
  expect(readReport(join(scratch, "none.json"), 0)).toMatchObject({ passed: 0, failed: 1 });
  writeFileSync(join(scratch, "half.json"), '{"numPassedTests": 3');
  expect(readReport(join(scratch, "half.json"), 0)).toMatchObject({ passed: 0, failed: 1 });
});

test("the last line sums up all steps", () => {
  const tally = { passed: 2, failed: 1, skipped: 0, failures: [] };
  expect(totals([tally, tally])).toBe("4 passed, 2 failed");
  expect(totals([tally, { ...tally, skipped: 5 }])).toBe("4 passed, 2 failed, 5 skipped");
});

function write(report: object): string {
  const path = join(scratch, "report.json");
  const counts = { numPassedTests: 3, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
  writeFileSync(path, JSON.stringify({ ...counts, ...report }));
  return path;
}
