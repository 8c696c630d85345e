import { expect, test } from "vitest";
import type { EventBody, RunEvent } from "../../../src/domain/events.ts";
import type { StatusReport } from "../../../src/domain/status.ts";
import { asOfBoot, catchUp, initialStatus, reduceStatus } from "../../../src/run/status.ts";

const at = "2026-01-01T00:00:00.000Z";
const later = "2026-01-01T00:01:00.000Z";

function after(...bodies: readonly EventBody[]): StatusReport {
  const events = bodies.map((body): RunEvent => ({ ...body, at: later, run: "0001-abcd" }));
  return events.reduce(reduceStatus, initialStatus("boot-a", at));
}

const begun: EventBody = { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false };
const error = { code: "health-failed", message: "no", hint: "look" };

test("a run is told stage by stage", () => {
  const status = after(
    begun,
    { type: "stage-started", stage: "config" },
    { type: "stage-progress", stage: "config", text: "connection refused", waiting: true },
    {
      type: "stage-finished",
      stage: "identity",
      outcome: "unchanged",
      durationMs: 5,
      summary: "i-1",
      facts: { zone: "a" },
    },
  );
  expect(status.run?.stages.find(({ stage }) => stage === "config")).toMatchObject({
    state: "waiting",
    text: "connection refused",
  });
  expect(status.run?.stages.find(({ stage }) => stage === "identity")).toMatchObject({
    state: "unchanged",
    durationMs: 5,
  });
  expect(status.run?.stages.find(({ stage }) => stage === "tags")?.state).toBe("pending");
});

test("a dry run changes nothing", () => {
  expect(after({ ...begun, dryRun: true })).toEqual(initialStatus("boot-a", at));
});

test("an error stays until a run ends without one", () => {
  const held = after(begun, { type: "run-finished", durationMs: 1, end: { kind: "held", stage: "health", error } });
  expect(held.error).toEqual(error);
  const event: RunEvent = {
    type: "run-finished",
    durationMs: 1,
    end: { kind: "in-service", changed: false },
    at: later,
  };
  expect(reduceStatus(held, event).error).toBeUndefined();
});

test("the time of a state is that of its first event", () => {
  const held: EventBody = { type: "state-changed", state: "held", reason: "one" };
  const status = after(held);
  expect(status).toMatchObject({ state: "held", since: later, reason: "one" });
  const again = reduceStatus(status, { ...held, reason: "two", at: "2026-01-01T00:02:00.000Z" });
  expect(again).toMatchObject({ since: later, reason: "two" });
});

test("a new run forgets notices and the time of the next try", () => {
  const status = after(
    { type: "notice", level: "warning", code: "tag-refused", text: "no" },
    { type: "retry-scheduled", inMs: 1, nextAt: later },
  );
  expect(status).toMatchObject({ notices: [{ code: "tag-refused" }], nextRetryAt: later });
  const next = reduceStatus(status, { ...begun, at: later, run: "0002-abcd" });
  expect(next.notices).toEqual([]);
  expect(next.nextRetryAt).toBeUndefined();
});

test("after a boot nobody is in service until a run says so", () => {
  const served = after({ type: "state-changed", state: "in-service", reason: "every gate passed" });
  expect(asOfBoot(served, "boot-a", later)).toBe(served);
  expect(asOfBoot(served, "boot-b", later)).toMatchObject({ state: "starting", bootId: "boot-b" });
  expect(asOfBoot(initialStatus("boot-a", at), "boot-b", later).state).toBe("new");
});

test("who comes late is told what happened so far, and ends with the same status", () => {
  const status = after(
    begun,
    { type: "stage-finished", stage: "clock", outcome: "unchanged", durationMs: 5, summary: "ok", facts: {} },
    { type: "stage-started", stage: "identity" },
    { type: "stage-progress", stage: "identity", text: "asking", waiting: false },
  );
  const told = catchUp(status)
    .map((body): RunEvent => ({ ...body, at: later, run: "0001-abcd" }))
    .reduce(reduceStatus, initialStatus("boot-a", at));
  expect(told.run).toEqual(status.run);
  expect(catchUp(initialStatus("boot-a", at))).toEqual([]);
});
