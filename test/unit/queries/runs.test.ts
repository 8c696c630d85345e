import { expect, test } from "vitest";
import { maskPrinted } from "../../../src/queries/printed.ts";
import { createRecordings } from "../../../src/queries/recordings.ts";
import { listRuns } from "../../../src/queries/runs.ts";
import { thisMoment } from "../../../src/queries/this-moment.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { heldBy, viewOf } from "./view.ts";
import { readRecording } from "../../../src/domain/run/recording.ts";

const at = "2026-01-01T00:00:00.000Z";

function started(run: string): string {
  const event = { type: "run-started", cause: "boot", startType: "reboot", dryRun: false, resumed: false, at, run };
  return `${JSON.stringify(event)}\n`;
}

function finished(run: string): string {
  return `${JSON.stringify({ type: "run-finished", end: { kind: "in-service", changed: true }, durationMs: 1000, at, run })}\n`;
}

const files = createFakeStateFiles({
  "runs/10000-abcd/events.jsonl": started("10000-abcd"),
  "runs/9999-abcd/events.jsonl": started("9999-abcd") + finished("9999-abcd"),
  "runs/0002-abcd/events.jsonl": started("0002-abcd"),
  "runs/0003-abcd.unreadable-1/events.jsonl": started("0003-abcd"),
  "runs/leftover/events.jsonl": "",
});

test("runs in the order of their numbers, with those that were set aside, and nothing else of the directory", async () => {
  const runs = await listRuns(viewOf({ files }));
  expect(runs.map(({ run, end }) => `${run} ${end}`)).toEqual([
    "0002-abcd interrupted",
    "0003-abcd unreadable",
    "9999-abcd in-service",
    "10000-abcd interrupted",
  ]);
});

test.each([
  ["a daemon", heldBy(1, "muster daemon")],
  ["an agent that this user cannot see", () => undefined],
])("%s may be at work on the newest run, and on no other", async (_words, lockHolder) => {
  const runs = await listRuns(viewOf({ files, lockHolder }));
  expect(runs.map(({ end }) => end)).toEqual(["interrupted", "unreadable", "in-service", "under-way"]);
});

test("a machine without runs has none", async () => {
  expect(await listRuns(viewOf())).toEqual([]);
});

test("a timeline grows only while an agent may be at work", async () => {
  expect(await thisMoment(viewOf())).toBeUndefined();
  expect(await thisMoment(viewOf({ lockHolder: heldBy(1, "muster run") }))).toEqual({
    at: "2026-01-01T00:10:00.000Z",
    upMs: 600_000,
    boot: "boot-a",
  });
});

test("a recording counts what it cannot read, and masks what an older binary recorded", async () => {
  const notice = {
    type: "notice",
    level: "info",
    code: "lock-wait",
    text: "AKIAIOSFODNN7EXAMPLE password=hunter22",
    at,
  };
  const text = `${started("0001-abcd")}nonsense\n${JSON.stringify(notice)}\n`;
  const files = createFakeStateFiles({ "runs/0001-abcd/events.jsonl": text });
  const recording = await readRecording(createRecordings(files), "0001-abcd");
  expect(recording.unreadable).toBe(1);
  expect(recording.events).toHaveLength(2);
  expect(JSON.stringify(recording.events)).not.toContain("hunter22");
});

test("what a unit printed is masked line by line, each reader by itself", () => {
  const lines: string[] = [];
  const open = maskPrinted((part, onLine: (line: string) => void) => {
    onLine(`${part.file}: password=hunter22`);
    return part.from;
  });
  expect(open({ file: "a.log", from: 3 }, (line) => lines.push(line))).toBe(3);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^a\.log: /);
  expect(lines[0]).not.toContain("hunter22");
});
