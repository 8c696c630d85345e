// Nothing that tells of the agent's work holds what looks like a secret, whoever put it there.
import { mkdtempSync, readFileSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createEventLog } from "../../../src/adapters/host/log-file.ts";
import { createRecorder } from "../../../src/adapters/host/recorder.ts";
import { createStateFiles } from "../../../src/adapters/host/state-files.ts";
import { createMetrics } from "../../../src/adapters/prometheus/metrics.ts";
import { MusterError, reportOf } from "../../../src/domain/errors/errors.ts";
import type { EventBody, RunEvent } from "../../../src/domain/run/events.ts";
import { createEventBus } from "../../../src/run/state/event-bus.ts";
import { createJournal, openJournal } from "../../../src/run/state/journal.ts";
import { createRecordings } from "../../../src/queries/recordings.ts";
import { statusAt } from "../../../src/run/state/status-file.ts";
import { createStatusKeeper } from "../../../src/run/state/status-keeper.ts";
import { initialStatus } from "../../../src/run/state/status.ts";
import { stateChange } from "../../fakes/state-change.ts";
import { readRecording } from "../../../src/domain/run/recording.ts";

const secret = "hunter2hunter2";
const said = `curl -u admin:${secret} https://a/b?token=${secret} said dbPass: ${secret}`;
const at = "2026-01-01T00:00:00.000Z";
const clock = { now: () => new Date(at), uptimeMs: () => 0 };
const run = "0001-abcd";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "muster-redacted-"));
  mkdirSync(join(directory, "runs", run), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const check = {
  tier: "smoke",
  name: "http http://127.0.0.1:80/?key=abcdef",
  since: at,
  ok: false,
  expected: "a",
  seen: said,
} as const;

function events(): readonly EventBody[] {
  const error = reportOf(new MusterError({ code: "health-failed", message: said, hint: said, subjects: [said] }));
  return [
    { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false },
    { type: "stage-started", stage: "health" },
    { type: "stage-progress", stage: "health", text: said, waiting: true },
    { type: "stage-output", stage: "health", line: said },
    { type: "stage-output", stage: "health", line: "-----BEGIN PRIVATE KEY-----" },
    { type: "stage-output", stage: "health", line: secret },
    { type: "stage-output", stage: "health", line: "-----END PRIVATE KEY-----" },
    {
      type: "stage-finished",
      stage: "health",
      outcome: "failed",
      durationMs: 1,
      summary: said,
      facts: { seen: [said] },
      error,
    },
    { type: "notice", level: "warning", code: "tag-refused", text: said },
    { type: "health-changed", health: { healthy: false, since: at, checks: [check] } },
    { type: "run-finished", end: { kind: "held", stage: "health", error }, durationMs: 1 },
    stateChange("new", "held", said),
  ];
}

test("recording, log, status and metrics have none of it", async () => {
  const files = createStateFiles(directory);
  const bus = createEventBus(clock);
  const logged: string[] = [];
  const heard: RunEvent[] = [];
  bus.listen((event) => void heard.push(event));
  bus.listen(createRecorder(join(directory, "runs"), (body, of) => bus.emit(body, of)));
  bus.listen(createEventLog({ write: (line) => void logged.push(line) }));
  const status = await createStatusKeeper(files, bus, "boot", clock);
  const metrics = createMetrics(() => ({
    build: { version: "1", commit: "abc" },
    status: status.current(),
    membership: { wanted: true, reconciling: false, failing: false },
  }));
  bus.listen(metrics.onEvent);
  for (const body of events()) bus.emit(body, run);
  await status.flush();
  const recorded = readFileSync(join(directory, "runs", run, "events.jsonl"), "utf8");
  const told = [
    JSON.stringify(heard),
    logged.join(""),
    await files.read("status.json"),
    recorded,
    await metrics.text(),
  ];
  expect(heard).toHaveLength(12);
  for (const text of told) expect(text).not.toContain("hunter2");
  expect(told[3]).toContain("curl -u admin:[masked password]");
  expect(told[4]).toContain('check="http 127.0.0.1:80"');
});

test("the journal of a run has none of it, and keeps the names of what failed", async () => {
  const files = createStateFiles(directory);
  const deps = { files, now: () => new Date(at), bootId: "boot" };
  const journal = await createJournal(deps, run, {
    request: { cause: "boot", dryRun: false },
    instance: "i-1",
    serving: false,
  });
  const error = reportOf(new MusterError({ code: "health-failed", message: said, hint: "look", subjects: ["tcp 80"] }));
  await journal.append({ kind: "run-ended", end: { kind: "held", stage: "health", error } });
  expect(await files.read(`runs/${run}/journal.jsonl`)).not.toContain("hunter2");
  expect(await openJournal(deps, run)).toMatchObject({ state: { end: { error: { subjects: ["tcp 80"] } } } });
  expect(reportOf(new TypeError(said)).message).not.toContain("hunter2");
});

test("what an older binary wrote is masked when it is read", async () => {
  const old = { type: "notice", level: "warning", code: "tag-refused", text: said, at, run };
  writeFileSync(join(directory, "runs", run, "events.jsonl"), `${JSON.stringify(old)}\n`);
  writeFileSync(join(directory, "status.json"), JSON.stringify({ ...initialStatus("boot", at), reason: said }));
  const files = createStateFiles(directory);
  const { events: read } = await readRecording(createRecordings(files), run);
  expect(read).toHaveLength(1);
  const status = await statusAt(files, { now: new Date(at), upMs: 0, bootId: "boot" });
  expect(status.reason).toContain("[masked ");
  expect(JSON.stringify([read, status])).not.toContain("hunter2");
});
