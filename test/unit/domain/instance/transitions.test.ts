import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { array, assert, constantFrom, oneof, property, tuple } from "fast-check";
import { expect, test } from "vitest";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import { instanceStates, type InstanceState } from "../../../../src/domain/instance/state.ts";
import { nextState, stateEvents, transitions, type StateEvent } from "../../../../src/domain/instance/transitions.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { initialStatus, reduceStatus } from "../../../../src/run/state/status.ts";
import { tries } from "../../cli/hostile.ts";

const at = "2026-01-01T00:00:00.000Z";
const error = { code: "health-failed", message: "no", hint: "look" };

function inState(state: InstanceState): StatusReport {
  return { ...initialStatus("boot-a", at), state };
}

/** The table says where an event leads: what the event claims itself does not count. */
function changed(trigger: StateEvent, state: InstanceState = "new"): RunEvent {
  return { type: "state-changed", state, trigger, reason: "a test", at };
}

/** Whatever else the bus carries. */
const others: readonly EventBody[] = [
  { type: "run-started", cause: "boot", startType: "first-boot", dryRun: false, resumed: false },
  { type: "stage-started", stage: "health" },
  { type: "stage-progress", stage: "health", text: "waiting", waiting: true },
  { type: "stage-finished", stage: "health", outcome: "failed", durationMs: 1, summary: "no", facts: {}, error },
  { type: "run-facts", facts: { role: "web", reboot: { required: true, reasons: ["kernel"] } } },
  { type: "run-finished", end: { kind: "in-service", changed: true }, durationMs: 1 },
  { type: "run-finished", end: { kind: "unconfirmed", changed: true, note: "as before" }, durationMs: 1 },
  { type: "run-finished", end: { kind: "done", changed: true, note: "drained" }, durationMs: 1 },
  { type: "run-finished", end: { kind: "rebooting", stage: "patch", reasons: ["kernel"] }, durationMs: 1 },
  { type: "run-finished", end: { kind: "held", stage: "health", error }, durationMs: 1 },
  { type: "run-finished", end: { kind: "failed", stage: "health", error }, durationMs: 1 },
  { type: "state-changed", state: "held", reason: "of an older binary, without a trigger" },
  { type: "pause-changed", over: "expired" },
  { type: "health-changed", health: { healthy: false, since: at, checks: [] } },
  { type: "slot-changed" },
  { type: "membership-pending" },
  { type: "maintenance-announced", maintenance: [] },
  { type: "retry-scheduled", inMs: 1, nextAt: at },
  { type: "notice", level: "error", code: "reboot-failed", text: "no" },
];

const pairs = instanceStates.flatMap((from) => stateEvents.map((event) => [from, event] as const));

test.each(pairs)("in %s: %s leads where the table says, or nowhere", (from, event) => {
  const rows = transitions.filter((row) => row.from === from && row.event === event);
  expect(rows.length, "one row a pair at the most").toBeLessThanOrEqual(1);
  const before = inState(from);
  for (const claimed of instanceStates) {
    const after = reduceStatus(before, changed(event, claimed));
    if (rows[0] === undefined) expect(after, "what is not listed does not happen").toBe(before);
    else expect(after).toMatchObject({ state: rows[0].to, reason: "a test" });
  }
});

test("no other event changes the state", () => {
  for (const state of instanceStates) {
    for (const body of others) expect(reduceStatus(inState(state), { ...body, at, run: "1" }).state).toBe(state);
  }
});

test("however events follow one another, the state goes along the rows of the table alone", () => {
  const event = oneof(
    tuple(constantFrom(...stateEvents), constantFrom(...instanceStates)).map(([on, to]) => changed(on, to)),
    constantFrom(...others).map((body): RunEvent => ({ ...body, at, run: "0001-abcd" })),
  );
  assert(
    property(array(event, { maxLength: 40 }), (events) => {
      let status = initialStatus("boot-a", at);
      for (const each of events) {
        const { state } = status;
        const on = each.type === "state-changed" ? each.trigger : undefined;
        const row = transitions.find(({ from, event: listed }) => from === state && listed === on);
        status = reduceStatus(status, each);
        expect(status.state).toBe(row?.to ?? state);
      }
    }),
    tries(300),
  );
});

test("every state is reached from new, every event changes something, and every state is left", () => {
  const reached = new Set<InstanceState>(["new"]);
  for (const _ of instanceStates) for (const { from, to } of transitions) if (reached.has(from)) reached.add(to);
  expect(reached).toEqual(new Set(instanceStates));
  expect(new Set(transitions.map(({ event }) => event))).toEqual(new Set(stateEvents));
  for (const state of instanceStates)
    expect(transitions.some(({ from, to }) => from === state && to !== state)).toBe(true);
});

test("an instance in service is held by no event: a gate that fails leaves it where it is", () => {
  expect(stateEvents.filter((event) => nextState("in-service", event) === "held")).toEqual([]);
});

test("an instance that leaves or is out stays so when a run begins", () => {
  for (const state of ["leaving", "out-of-service"] as const) expect(nextState(state, "run-began")).toBeUndefined();
});

test("the state is changed in one place, which asks the table", () => {
  const src = join(import.meta.dirname, "../../../../src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const makers = files.filter((file) => readFileSync(join(src, file), "utf8").includes('{ type: "state-changed", '));
  // The second repeats to systemd what the status says when the daemon starts.
  expect(new Set(makers.map((file) => file.split("/").at(-1)))).toEqual(new Set(["change-state.ts", "show-state.ts"]));
});
