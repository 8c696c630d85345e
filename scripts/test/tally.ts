import { readFileSync } from "node:fs";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Full names of the tests and files that failed. */
  readonly failures: readonly string[];
}

/** What is used of the report that vitest's `json` reporter writes. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Counts the tests of a report. A run that failed without a failed test still counts as a failure. */
export function readReport(file: string, status: number): Tally {
  const report = parse(file);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, failures: ["no report was written"] };
  const failures = report.testResults.flatMap(({ name, status: outcome, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed").map(({ fullName }) => fullName);
    // A file that cannot be loaded, or a hook that failed, has no failed test of its own.
    return outcome === "failed" && tests.length === 0 ? [name] : tests;
  });
  if (status !== 0 && failures.length === 0) failures.push(`vitest ended with ${status}`);
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function parse(file: string): Report | undefined {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the vitest that the lock file pins
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

/** Adds tallies up. */
export function sum(tallies: readonly Tally[]): Tally {
  const total = (key: "passed" | "failed" | "skipped"): number => tallies.reduce((all, tally) => all + tally[key], 0);
  return {
    passed: total("passed"),
    failed: total("failed"),
    skipped: total("skipped"),
    failures: tallies.flatMap(({ failures }) => failures),
  };
}

/** The line by which a run is judged. */
export function totals(tallies: readonly Tally[]): string {
  const { passed, failed, skipped } = sum(tallies);
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
