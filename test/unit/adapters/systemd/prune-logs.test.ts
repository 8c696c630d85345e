import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pruneLogs } from "../../../../src/adapters/systemd/prune-logs.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-logs-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function log(name: string, year: number): void {
  const at = new Date(`${year}-01-01T00:00:00Z`);
  writeFileSync(join(directory, name), "");
  utimesSync(join(directory, name), at, at);
}

/** `muster-0001-aaaa-patch-upgrade.log` and so on, of 2036. */
function manyLogs(count: number): void {
  for (let run = 1; run <= count; run += 1) log(`muster-${String(run).padStart(4, "0")}-aaaa-patch-upgrade.log`, 2036);
}

test("the oldest go; what is no unit's log stays", async () => {
  manyLogs(61);
  log("muster-0099-aaaa-converge-1.log", 2016);
  log("notes.log", 2016);
  await pruneLogs(directory, "muster-0100-aaaa-patch-upgrade");
  const left = readdirSync(directory);
  expect(left).toHaveLength(61);
  expect(left).toContain("notes.log");
  expect(left).not.toContain("muster-0099-aaaa-converge-1.log");
});

test("the run that writes keeps its own, although the clock was put back since the others were written", async () => {
  manyLogs(70);
  log("muster-0071-aaaa-patch-configure.log", 2026);
  await pruneLogs(directory, "muster-0071-aaaa-patch-upgrade");
  expect(readdirSync(directory)).toContain("muster-0071-aaaa-patch-configure.log");
  expect(readdirSync(directory)).toHaveLength(61);
});
