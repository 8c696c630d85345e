import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRecorder } from "../../../../src/adapters/host/recorder.ts";
import { createStateFiles } from "../../../../src/adapters/host/state-files.ts";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import { createRecordings } from "../../../../src/queries/recordings.ts";
import { readRecording } from "../../../../src/domain/run/recording.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "muster-recorder-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const at = "2026-01-01T00:00:00.000Z";

function event(body: EventBody, run?: string): RunEvent {
  return { ...body, at, upMs: 1, ...(run === undefined ? {} : { run }) };
}

function newRun(run: string): void {
  mkdirSync(join(root, "runs", run), { recursive: true });
}

const long = event({ type: "notice", level: "info", code: "lock-wait", text: "x".repeat(1024 * 1024) }, "0001-aaaa");

/** For what tells nobody anything. */
function nobody(): never {
  throw new Error("something was told");
}

const recordings = () => createRecordings(createStateFiles(root));
const started = (run: string) => event({ type: "stage-started", stage: "clock" }, run);
const aside = event({ type: "state-changed", state: "leaving", reason: "drained" });

test("events are read back as they were told, run by run, and what follows a run goes with it", async () => {
  const record = createRecorder(join(root, "runs"), nobody);
  record(aside);
  newRun("0001-aaaa");
  record(started("0001-aaaa"));
  record(event({ type: "stage-output", stage: "patch", line: "not here" }, "0001-aaaa"));
  record(event({ type: "control-asked", socket: "root.sock", request: "POST /v1/run" }));
  record(aside);
  newRun("0002-bbbb");
  record(started("0002-bbbb"));
  expect(await recordings().runs()).toEqual(["0001-aaaa", "0002-bbbb"]);
  expect(await readRecording(recordings(), "0001-aaaa")).toEqual({
    run: "0001-aaaa",
    events: [started("0001-aaaa"), aside],
    unreadable: 0,
  });
  expect((await readRecording(recordings(), "0002-bbbb")).events).toEqual([started("0002-bbbb")]);
});

test("a restarted agent goes on in the newest run", async () => {
  newRun("0009-aaaa");
  newRun("0010-aaaa");
  createRecorder(join(root, "runs"), nobody)(aside);
  expect((await readRecording(recordings(), "0010-aaaa")).events).toEqual([aside]);
});

test("a torn line and one of a newer binary are counted and left out", async () => {
  newRun("0001-aaaa");
  const record = createRecorder(join(root, "runs"), nobody);
  record(started("0001-aaaa"));
  const file = join(root, "runs/0001-aaaa/events.jsonl");
  const torn = `${readFileSync(file, "utf8")}{"type":"stage-started","sta\n{"type":"from-the-future","at":"${at}"}\n[]\n`;
  await createStateFiles(root).write("runs/0001-aaaa/events.jsonl", torn);
  expect(await readRecording(recordings(), "0001-aaaa")).toMatchObject({
    events: [started("0001-aaaa")],
    unreadable: 3,
  });
});

test("a recording that is full says so once, in it and to everybody, and holds the end of its run all the same", async () => {
  newRun("0001-aaaa");
  const told: RunEvent[] = [];
  const record = createRecorder(join(root, "runs"), (body, run) => {
    told.push(event(body, run));
    record(event(body, run));
  });
  for (let count = 0; count < 20; count += 1) record(long);
  const end = event({ type: "run-finished", end: { kind: "done", changed: false }, durationMs: 1 }, "0001-aaaa");
  record(end);
  expect(told).toMatchObject([
    { code: "recording-full", run: "0001-aaaa", text: expect.stringContaining("8.0 MiB") as string },
  ]);
  const { events } = await readRecording(recordings(), "0001-aaaa");
  expect(events.slice(-2)).toEqual([...told, end]);
  expect(events.length).toBeLessThan(12);

  // An agent that was restarted says nothing again.
  createRecorder(join(root, "runs"), nobody)(long);
  expect((await readRecording(recordings(), "0001-aaaa")).events).toHaveLength(events.length);
});

test("a run that goes mad fills no disk, and a disk that takes nothing stops no run", async () => {
  newRun("0001-aaaa");
  const record = createRecorder(join(root, "runs"), () => undefined);
  for (let count = 0; count < 20; count += 1) record(long);
  const { length } = readFileSync(join(root, "runs/0001-aaaa/events.jsonl"));
  expect(length).toBeLessThan(10 * 1024 * 1024);
  record(started("0099-gone"));
  expect(await readRecording(recordings(), "0099-gone")).toMatchObject({ events: [], unreadable: 0 });
});
