import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/domain/run/events.ts";
import { summaryOf } from "./run-summary.ts";
import { converge, eventsOf, puppet } from "../cli/story.ts";

const run = "0001-abcd";
const commit = "0123456789abcdef0123456789abcdef01234567";
const error = { code: "health-failed", message: "m", hint: "h" };

function summary(
  parts: { events?: readonly RunEvent[]; journal?: readonly object[]; setAside?: boolean },
  atWork = false,
) {
  const { events = [], journal = [], setAside = false } = parts;
  const text = journal.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  return summaryOf({ run, events, setAside, atWork, journal: text });
}

const at = (second: number) => new Date(Date.parse("2026-01-01T12:00:00Z") + second * 1000).toISOString();

const journal = [
  { v: 1, at: at(0), kind: "run-started", request: { cause: "schedule", dryRun: false } },
  { v: 1, at: at(1), kind: "step-finished", stage: "config", changed: false, result: { commit } },
  { v: 1, at: at(9), kind: "step-finished", stage: "converge", changed: true, result: {} },
];
const ended = { v: 1, at: at(10), kind: "run-ended", end: { kind: "held", stage: "health", error } };

test("a run as its recording has it", () => {
  const held = summary({ events: eventsOf(run, puppet(4)) });
  expect(held).toEqual({
    run,
    startedAt: "2026-01-01T23:59:45.000Z",
    cause: "boot",
    startType: "first-boot",
    end: "held",
    stage: "converge",
    error: "converge-resources-failed",
    durationMs: 12_000,
    changed: ["config"],
  });
});

test("one that was taken up began where it first began, and lasted from there", () => {
  const whole = summary({ events: eventsOf(run, converge.killed, converge.resumed(0)) });
  expect(whole).toMatchObject({ startType: "first-boot", end: "in-service", durationMs: 16_000 });
});

test("one without an end is under way while somebody is there to make it", () => {
  const events = eventsOf(run, converge.killed);
  expect(summary({ events }, true).end).toBe("under-way");
  expect(summary({ events }, false).end).toBe("interrupted");
});

test("a reboot in the middle is no end once the run was taken up", () => {
  const stopped = eventsOf(run, [
    { type: "run-finished", end: { kind: "held", stage: "patch", error }, durationMs: 5 },
  ]);
  const resumed = eventsOf(run, converge.resumed(0)).slice(-7, -1);
  expect(summary({ events: stopped }).end).toBe("held");
  expect(summary({ events: [...stopped, ...resumed] }, true).end).toBe("under-way");
});

test("a run of an older binary is told from its journal alone", () => {
  const known = { run, startedAt: at(0), cause: "schedule", commit, changed: ["converge"] };
  expect(summary({ journal: [...journal, ended] })).toEqual({
    ...known,
    end: "held",
    stage: "health",
    error: "health-failed",
    durationMs: 10_000,
  });
  expect(summary({ journal })).toEqual({ ...known, end: "interrupted" });
});

test("the journal knows the end that a power cut took from the recording", () => {
  expect(summary({ events: eventsOf(run, converge.killed), journal: [...journal, ended] })).toMatchObject({
    startType: "first-boot",
    end: "held",
    changed: ["config", "converge"],
  });
});

test("what cannot be read tells nothing and harms nothing", () => {
  for (const text of ["", "{", "null\n[]\n7\n", '{"kind":"run-ended","end":7}', '{"kind":"run-started"}']) {
    expect(summaryOf({ run, events: [], journal: text, setAside: true, atWork: false })).toEqual({
      run,
      end: "unreadable",
      changed: [],
    });
  }
});

test("what happened after a run, in the same recording, is not the run's", () => {
  const events = eventsOf(run).slice(0, 1);
  const repaired = {
    type: "stage-finished",
    stage: "dns",
    outcome: "changed",
    durationMs: 1,
    summary: "",
    facts: {},
  } as const;
  expect(summary({ events: [...events, { ...repaired, at: at(0) }] }).changed).toEqual([]);
});
