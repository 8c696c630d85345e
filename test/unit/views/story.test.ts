import { expect, test } from "vitest";
import type { EventBody } from "../../../src/domain/run/events.ts";
import { storyLine } from "../../../src/views/story.ts";

const error = { code: "health-failed", message: "1 of 2 checks did not pass", hint: "Look at the service." };
const run = "0001-abcd";

function told(prefixed: boolean, ...events: readonly EventBody[]): string {
  return events.map((event) => storyLine({ ...event, at: "2026-01-01T00:00:00.000Z", run }, prefixed) ?? "").join("");
}

const boot: readonly EventBody[] = [
  { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false },
  { type: "state-changed", state: "starting", reason: "run 0001-abcd (boot) is under way" },
  { type: "stage-started", stage: "converge" },
  { type: "stage-progress", stage: "converge", text: "", waiting: false },
  { type: "stage-progress", stage: "converge", text: "applying", waiting: false },
  { type: "stage-output", stage: "converge", line: "Notice: applied" },
  {
    type: "stage-finished",
    stage: "converge",
    outcome: "changed",
    durationMs: 12_000,
    summary: "3 of 3 changed",
    facts: {},
  },
  { type: "notice", level: "warning", code: "tag-refused", text: "Tag muster:url steers nothing" },
  { type: "stage-finished", stage: "health", outcome: "failed", durationMs: 60_000, summary: "no", facts: {}, error },
  { type: "run-finished", end: { kind: "held", stage: "health", error }, durationMs: 75_000 },
  { type: "state-changed", state: "held", reason: "health: 1 of 2 checks did not pass" },
  { type: "retry-scheduled", inMs: 30_000, nextAt: "2026-01-01T00:01:45.000Z" },
  { type: "run-finished", end: { kind: "in-service", changed: false }, durationMs: 1000 },
  { type: "run-finished", end: { kind: "failed", stage: "patch", error }, durationMs: 1000 },
  { type: "run-finished", end: { kind: "done", changed: true, note: "drained by an operator" }, durationMs: 1000 },
];

test("a run reads like a story, with the priorities of syslog", () => {
  expect(told(true, ...boot)).toMatchInlineSnapshot(`
    "<5>run 0001-abcd begins: boot, first-boot
    <5>starting: run 0001-abcd (boot) is under way
    <6>converge: applying
    <6>converge changed: 3 of 3 changed (12 s)
    <4>Tag muster:url steers nothing [tag-refused]
    <3>health failed: 1 of 2 checks did not pass (1 min). Look at the service. [health-failed]
    <3>run 0001-abcd ended after 1 min 15 s: held at health
    <4>held: health: 1 of 2 checks did not pass
    <5>trying again in 30 s
    <5>run 0001-abcd ended after 1.0 s: in service, nothing had to be changed
    <3>run 0001-abcd ended after 1.0 s: failed at patch; membership stays as it is
    <5>run 0001-abcd ended after 1.0 s: done (drained by an operator)
    "
  `);
});

test("elsewhere than in the journal nothing stands before the lines", () => {
  expect(told(false, { type: "state-changed", state: "held", reason: "x" })).toBe("held: x\n");
});

test("what others wrote cannot begin a line of its own, set a priority, or steer a terminal", () => {
  const hostile = "web\n<0>kernel: on fire\r\u001b[2J\u0000\u009b31m";
  const text = `Tag muster:x steers nothing: found ${hostile}`;
  const line = told(true, { type: "notice", level: "warning", code: "tag-refused", text });
  expect(line.split("\n")).toHaveLength(2);
  expect(line).toMatch(/^<4>Tag /);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});
