// Whatever stands in the files that muster recorded, those who only look say it, or say that they cannot: no crash, and
// nothing that moves a cursor.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { logsCommand } from "../../../src/cli/commands/logs.ts";
import { timelineCommand } from "../../../src/cli/commands/timeline.ts";
import { readApplied } from "../../../src/run/spine/applied.ts";
import { openJournal } from "../../../src/run/state/journal.ts";
import { createRecordings } from "../../../src/queries/recordings.ts";
import { reduceStatus } from "../../../src/run/state/status.ts";
import { statusIn } from "../../../src/run/state/status-file.ts";
import { parseEvent } from "../../../src/queries/recorded-event.ts";
import { readPause } from "../../../src/run/state/pause-file.ts";
import { storyLine } from "../../../src/views/story.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";
import { changedJson, tries } from "./hostile.ts";
import { held, serving, starting } from "./reports.ts";
import { aptUpgrade, eventsOf } from "./story.ts";
import {
  now,
  since,
  run,
  full,
  shown,
  terminal,
  ways,
  inputOf,
  showExplanation,
  showRuns,
  onlyUnrecorded,
  never,
  openPrinted,
} from "./looked-at.ts";
import { readRecording } from "../../../src/domain/run/recording.ts";

test("recordings: events are told, or counted as unreadable", async () => {
  const events = eventsOf(run, aptUpgrade(100), [
    { type: "run-facts", facts: { instance: serving.instance, role: "web", commit: "abc", config: full.config } },
    { type: "health-changed", health: full.health },
    { type: "slot-changed", slot: full.slot },
    { type: "pause-changed", pause: full.pause },
    { type: "drift-checked", drift: full.drift },
    { type: "retry-scheduled", inMs: 1000, nextAt: since },
    { type: "stage-planned", stage: "patch", steps: [{ text: "upgrade", details: ["a"] }] },
    { type: "run-finished", end: { kind: "rebooting", stage: "patch", reasons: ["kernel"] }, durationMs: 10 },
  ] as Parameters<typeof eventsOf>[1]);
  const lines = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: changedJson(events) },
      fc.constantFrom(...events.map((event) => JSON.stringify(event))),
    ),
    { maxLength: 14 },
  );
  const property = fc.asyncProperty(lines, async (each) => {
    const texts = each.map((line) => line.replaceAll("\n", ""));
    const recordings = createRecordings(createFakeStateFiles({ [`runs/${run}/events.jsonl`]: texts.join("\n") }));
    const recording = await readRecording(recordings, run);
    if (recording.events.length === 0) return;
    const io = new AbortController().signal;
    const logs = logsCommand({ recordings, openPrinted, recordedBytes: () => 0, sleep: never, unread: io });
    await shown((to) => logs.run({ args: [], options: { full: true } }, to), ...ways);
    await shown((to) => logs.run({ args: [], options: { json: true } }, to), {});
    const timeline = timelineCommand({ recordings, now: async () => undefined, write: never });
    for (const format of ["text", "json", "trace", "svg"]) {
      await shown((to) => timeline.run({ args: [], options: { format } }, to).catch(onlyUnrecorded), {}, terminal);
    }
    await showExplanation(inputOf(serving, { recording }));
    await showRuns(recording.events, undefined);
  });
  await fc.assert(property, tries(150));
}, 3_600_000);
test("journals: a run in the list, and a journal or the reason why not", async () => {
  const head = { v: 1, at: since, boot: "b" };
  const error = { code: "x", message: "m", hint: "h" };
  const entries = [
    { ...head, kind: "run-started", request: { cause: "boot", dryRun: false }, instance: "i-1", serving: false },
    { ...head, kind: "step-started", stage: "config", key: "k" },
    {
      ...head,
      kind: "step-finished",
      stage: "config",
      key: "k",
      holds: "run",
      changed: true,
      result: { commit: "abc" },
    },
    { ...head, kind: "step-failed", stage: "patch", key: "k", error },
    { ...head, kind: "reboot-planned", stage: "patch", reasons: ["kernel"] },
    { ...head, kind: "run-ended", end: { kind: "held", stage: "health", error } },
  ];
  const lines = fc.array(
    fc.oneof(changedJson(entries), fc.constantFrom(...entries.map((entry) => JSON.stringify(entry)))),
    { maxLength: 8 },
  );
  const property = fc.asyncProperty(lines, async (each) => {
    const journal = `${each.map((line) => line.replaceAll("\n", "")).join("\n")}\n`;
    const files = createFakeStateFiles({ [`runs/${run}/journal.jsonl`]: journal });
    const opened = await openJournal({ files, now: () => new Date(now), bootId: "b" }, run);
    if (!("unreadable" in opened)) expect(opened.state.started.kind).toBe("run-started");
    await showRuns([], journal);
  });
  await fc.assert(property, tries(300));
}, 3_600_000);
test("any text: every reader answers, and nothing is left to throw", async () => {
  const values = [
    full,
    held,
    starting,
    { v: 1, reason: "r", by: "ann", since, until: now, bootId: "b", untilUpMs: 1 },
    ...eventsOf(run, aptUpgrade(0)),
  ];
  const property = fc.asyncProperty(changedJson(values), async (text) => {
    const status = statusIn(text);
    const event = parseEvent(text);
    await readPause(createFakeStateFiles({ "pause.json": text }), { now: new Date(now), upMs: 1, bootId: "b" });
    await readApplied(createFakeStateFiles({ "applied.json": text }));
    if (status !== undefined && event !== undefined) expect(reduceStatus(status, event).version).toBe(1);
    if (event !== undefined) storyLine(event, true);
  });
  await fc.assert(property, tries(1000));
}, 3_600_000);
