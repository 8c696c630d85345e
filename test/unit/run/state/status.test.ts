import { expect, test } from "vitest";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { stateChange } from "../../../fakes/state-change.ts";
import { unkept } from "../../../fakes/unkept.ts";
import { deriveStatus } from "../../../../src/run/state/derive-status.ts";
import { catchUp } from "../../../../src/run/state/catch-up.ts";
import { initialStatus, reduceStatus } from "../../../../src/run/state/status.ts";

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
  const held: EventBody = stateChange("new", "held", "one");
  const status = after(held);
  expect(status).toMatchObject({ state: "held", since: later, reason: "one" });
  const again = reduceStatus(status, { ...stateChange("held", "held", "two"), at: "2026-01-01T00:02:00.000Z" });
  expect(again).toMatchObject({ since: later, reason: "two" });
});

test("the stage that a held instance did not pass is a field, and goes with the state", () => {
  const status = after(stateChange("new", "starting"), {
    type: "state-changed",
    state: "held",
    trigger: "gate-failed",
    stage: "health",
    reason: "in any words",
  });
  expect(status.heldAt).toBe("health");
  const next = (event: EventBody) => reduceStatus(status, { ...event, at: later });
  expect(next(stateChange("held", "held", "no stage is to blame")).heldAt).toBeUndefined();
  expect(
    next({ type: "state-changed", state: "starting", trigger: "run-began", stage: "health", reason: "ok" }).heldAt,
  ).toBeUndefined();
  expect(deriveStatus({ status, bootId: "boot-b", at: later }).status.heldAt).toBeUndefined();
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
  const served = after(stateChange("new", "starting"), stateChange("starting", "in-service", "every gate passed"));
  const inBoot = (bootId: string, status = served) => deriveStatus({ status, bootId, at: later }).status;
  expect(inBoot("boot-a")).toBe(served);
  expect(inBoot("boot-b")).toMatchObject({ state: "starting", bootId: "boot-b" });
  expect(inBoot("boot-b", initialStatus("boot-a", at)).state).toBe("new");
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

function wait(text: string, minute: number, waiting = true): RunEvent {
  return { type: "stage-progress", stage: "config", text, waiting, at: `2026-01-01T00:0${minute}:00.000Z` };
}

function config(status: StatusReport) {
  return status.run?.stages.find(({ stage }) => stage === "config");
}

test("a stage waits since the first wait in a row, whatever it waits for", () => {
  const begins = after(begun, { type: "stage-started", stage: "config" });
  const waits = [wait("refused", 2), wait("timed out", 3)].reduce(reduceStatus, begins);
  expect(config(waits)).toMatchObject({ text: "timed out", waitingSince: "2026-01-01T00:02:00.000Z" });
  const works = reduceStatus(waits, wait("fetching", 4, false));
  expect(config(works)).not.toHaveProperty("waitingSince");
  expect(config(reduceStatus(works, wait("refused", 5)))?.waitingSince).toBe("2026-01-01T00:05:00.000Z");
  const end = { kind: "held", stage: "config", error } as const;
  const over = reduceStatus(waits, { type: "run-finished", durationMs: 1, end, at: later });
  expect(config(over)).not.toHaveProperty("waitingSince");
  expect(over.run?.end).toBe("held");
});

test("what a run chose is not carried into the next one, which may choose otherwise", () => {
  const from = { value: "web", from: "tag muster:role" };
  const selection = { role: from, environment: from, ref: from, refused: [] };
  const pinned = { commit: "c", ref: "main", refKind: "branch", subject: "s", fetched: true } as const;
  const facts = { role: "web", commit: "c", selection, config: pinned };
  const chosen = after(begun, { type: "run-facts", facts });
  expect(chosen).toMatchObject({ selection, config: pinned });
  const next = reduceStatus(chosen, { ...begun, at: later });
  expect(next).toMatchObject({ role: "web", commit: "c" });
  expect(next).not.toHaveProperty("selection");
  expect(next).not.toHaveProperty("config");
});

test("a status that nobody keeps up says so before everything else", () => {
  const gone = { kind: "gone" } as const;
  const under = after(begun, { type: "stage-started", stage: "config" });
  expect(unkept(under, gone)).toMatchObject({
    daemon: { answers: false, code: "daemon-unreachable" },
    reason: "Run 0001-abcd stopped before its end: the agent is not running",
    error: { code: "daemon-unreachable", hint: expect.stringContaining("systemctl start muster") as string },
  });
  const over = after(begun, { type: "run-finished", durationMs: 1, end: { kind: "in-service", changed: false } });
  const said = unkept(over, gone);
  expect(Object.keys(said).slice(0, 2)).toEqual(["version", "daemon"]);
  expect({ ...said, daemon: undefined }).toEqual({ ...over, daemon: undefined });
  const rebooting = { ...under, state: "rebooting" } as const;
  expect(unkept(rebooting, gone), "the agent goes before the machine").toBe(rebooting);
  // One that hangs may be at work on its run: nothing says that it stopped.
  const silent = unkept(under, { kind: "silent", pid: 12, state: "stopped" });
  expect(silent.daemon).toMatchObject({
    code: "daemon-silent",
    hint: expect.stringContaining("kill -CONT 12") as string,
  });
  expect(silent.reason).toBe(under.reason);
});

test("a retry keeps since when it is out, how often it was tried and what failed last; service ends it", () => {
  const held = { type: "run-finished", durationMs: 1, end: { kind: "held", stage: "health", error } } as const;
  const gateFailed = { type: "state-changed", state: "held", trigger: "gate-failed", reason: "health: no" } as const;
  const began = stateChange("held", "starting");
  const retried = after(begun, held, gateFailed, begun, began, held, gateFailed, begun, began);
  expect(retried).toMatchObject({
    state: "starting",
    out: { since: at, tries: 2, failure: { stage: "health", error } },
  });
  const inService = reduceStatus(retried, { ...stateChange("starting", "in-service"), at: later });
  expect(inService).not.toHaveProperty("out");
  const leaving = reduceStatus(inService, { ...stateChange("in-service", "leaving"), at: later });
  expect(leaving.out).toEqual({ since: later, tries: 0 });
});

test("a boot keeps it too, and begins it anew for an instance that served", () => {
  const out = { since: at, tries: 3 };
  const status = { ...initialStatus("boot-a", at), state: "held", out } as const;
  expect(deriveStatus({ status, bootId: "boot-b", at: later }).status.out).toEqual(out);
  const { out: _out, ...rest } = status;
  const served = { ...rest, state: "in-service" } as const;
  expect(deriveStatus({ status: served, bootId: "boot-b", at: later }).status.out).toEqual({ since: later, tries: 0 });
});
