import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { processState } from "../../../../src/adapters/host/process-state.ts";

test("a process that is stopped, and one that is at work", async () => {
  const sleeper = spawn("sleep", ["30"], { stdio: "ignore" });
  const pid = sleeper.pid ?? 0;
  try {
    expect(processState(pid)).toBe("other");
    sleeper.kill("SIGSTOP");
    await expect.poll(() => processState(pid), { timeout: 10_000 }).toBe("stopped");
  } finally {
    sleeper.kill("SIGKILL");
  }
  expect(processState(0)).toBeUndefined();
});

test("one of whose threads waits for a disk", () => {
  const proc = mkdtempSync(join(tmpdir(), "muster-proc-"));
  for (const [thread, state] of [
    ["7", "S"],
    ["8", "D"],
  ] as const) {
    mkdirSync(join(proc, "7/task", thread), { recursive: true });
    writeFileSync(join(proc, "7/task", thread, "stat"), `${thread} (a (b) T) ${state} 1`);
  }
  writeFileSync(join(proc, "7/stat"), "7 (a (b) T) S 1");
  expect(processState(7, proc)).toBe("waits-for-disk");
  rmSync(proc, { recursive: true });
});
