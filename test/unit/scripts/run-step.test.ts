import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { runStep } from "../../../scripts/test/run-step.ts";

const never = new AbortController().signal;
const far = performance.now() + 600_000;

let scratch: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "muster-step-"));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test("a step that passes, one that fails and one that cannot start", async () => {
  const outcomes = [["true"], ["false"], ["/no/such/program"]].map(async ([program = ""]) =>
    runStep({ name: "step", command: [program], minutes: 1 }, far, never),
  );
  expect((await Promise.all(outcomes)).map(({ passed, failed }) => [passed, failed])).toEqual([
    [1, 0],
    [0, 1],
    [0, 1],
  ]);
});

test("a step past its limit fails, and takes its children along", async () => {
  const file = join(scratch, "child");
  const script = `sleep 60 & echo $! > ${file}; wait`;
  const outcome = await runStep({ name: "hangs", command: ["sh", "-c", script], minutes: 0.02 }, far, never);
  expect(outcome).toMatchObject({ passed: 0, failed: 1, note: "ended after 1 s" });
  const child = Number(readFileSync(file, "utf8"));
  await vi.waitFor(() => expect(runs(child)).toBe(false));
});

test("the deadline of the whole run is a limit too", async () => {
  const soon = performance.now() + 200;
  const outcome = await runStep({ name: "hangs", command: ["sleep", "60"], minutes: 10 }, soon, never);
  expect(outcome).toMatchObject({ failed: 1, note: "ended after 0 s" });
});

test("shards run side by side, and a failed one fails the step", async () => {
  const counts = '{"numPassedTests":2,"numFailedTests":0,"numPendingTests":0,"numTodoTests":0,"testResults":[]}';
  // Each waits for the other's mark, so one after the other they would not end.
  const script = [
    'report=${1#--outputFile.json=}; own=${2#--shard=}; own=${own%/2}; touch "$0.$own"',
    'until [ -e "$0.1" ] && [ -e "$0.2" ]; do sleep 0.05; done',
    `echo '${counts}' > "$report"; [ "$own" = 1 ]`,
  ].join("\n");
  const outcome = await runStep(
    {
      name: "shards",
      command: ["sh", "-c", script, join(scratch, "mark")],
      minutes: 1,
      report: join(scratch, "r.json"),
      shards: 2,
    },
    far,
    never,
  );
  expect(outcome).toMatchObject({ passed: 4, failed: 1, failures: ["vitest ended with 1"] });
});

test("cancelling ends the step", async () => {
  const cancel = new AbortController();
  const running = runStep({ name: "hangs", command: ["sleep", "60"], minutes: 1 }, far, cancel.signal);
  cancel.abort();
  expect(await running).toMatchObject({ failed: 1, note: "cancelled" });
});

/** A zombie runs no more; in a container nobody may ever collect it. */
function runs(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
