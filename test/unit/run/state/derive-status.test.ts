// What is on disk after a death, a boot or a lost file, and what the status has to say then.
import { assert, boolean, constantFrom, option, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { instanceStates, type InstanceState } from "../../../../src/domain/instance/state.ts";
import { transitions } from "../../../../src/domain/instance/transitions.ts";
import type { Wish } from "../../../../src/domain/membership/membership.ts";
import type { RunEnd } from "../../../../src/domain/run/run.ts";
import type { StatusReport } from "../../../../src/domain/instance/status.ts";
import { deriveStatus, type EndedRun, type Known } from "../../../../src/run/state/derive-status.ts";
import { initialStatus, reduceStatus } from "../../../../src/run/state/status.ts";
import { tries } from "../../cli/hostile.ts";

const at = "2026-01-01T00:00:00.000Z";
const bootId = "boot-2";
const run = "0001-abcd";
const error = { code: "health-failed", message: "no", hint: "look" };

function inState(state: InstanceState, of: "running" | "finished" | "none" = "running", boot = bootId): StatusReport {
  const known = { id: run, cause: "boot", startType: "reboot", startedAt: at, stages: [] } as const;
  const lost = { ...initialStatus(boot, at), state, reason: "as it was" };
  return of === "none" ? lost : { ...lost, run: { ...known, finished: of === "finished" } };
}

function wish(want: Wish["want"], by: Wish["by"] = "run", boot = bootId): Wish {
  const places = { targets: [], records: [] };
  return { want, by, reason: `${by} wants it ${want}`, since: at, bootId: boot, places, former: places, tags: {} };
}

const wishes = {
  none: undefined,
  in: wish("in"),
  "in, of an earlier boot": wish("in", "run", "boot-1"),
  out: wish("out"),
  drained: wish("out", "operator"),
  "drained, in an earlier boot": wish("out", "operator", "boot-1"),
  "notice, of an earlier boot": wish("out", "notice", "boot-1"),
} as const;

const ends = {
  "in-service": { kind: "in-service", changed: true },
  unconfirmed: { kind: "unconfirmed", changed: true, note: "as before" },
  held: { kind: "held", stage: "health", error },
  failed: { kind: "failed", stage: "health", error },
  rebooting: { kind: "rebooting", stage: "patch", reasons: ["kernel"] },
  done: { kind: "done", changed: true },
  "done, with a note": { kind: "done", changed: true, note: "stays out" },
} as const satisfies Readonly<Record<string, RunEnd>>;

function ended(end: keyof typeof ends, gated = true): EndedRun {
  return { run, cause: "boot", end: ends[end], durationMs: 1000, gated };
}

function membership(of: keyof typeof wishes, reconciling = false): NonNullable<Known["membership"]> {
  return { wish: wishes[of], reconciling };
}

/** What is emitted, in short, and the state that it comes to. */
function derived(known: Partial<Known>): string {
  const { status, events } = deriveStatus({ status: inState("starting"), bootId, at, ...known });
  const told = events.map((event) => {
    if (event.type === "state-changed") return `${event.trigger}`;
    return event.type === "run-finished" ? `end ${event.end.kind}` : event.type;
  });
  return [...told, status.state].join(", ");
}

describe("an earlier boot", () => {
  test.each([
    ["new", "new"],
    ["starting", "starting"],
    ["in-service", "starting"],
    ["held", "starting"],
    ["out-of-service", "starting"],
    ["leaving", "starting"],
    ["rebooting", "starting"],
  ] as const)("%s is %s in the next boot, and nothing is emitted", (state, next) => {
    const earlier = { ...inState(state, "finished", "boot-1"), nextRetryAt: at, heldAt: "health" as const, brief: "x" };
    const { status, events } = deriveStatus({ status: earlier, bootId, at });
    expect(events).toEqual([]);
    expect(status).toMatchObject({ state: next, bootId, since: at, run: { id: run } });
    for (const key of ["nextRetryAt", "heldAt", "brief"]) expect(status).not.toHaveProperty(key);
    expect(status.reason).toContain(state === "rebooting" ? "rebooted as planned" : "its boot run has not begun");
  });

  test("in the same boot it is as it was", () => {
    const status = inState("held");
    expect(deriveStatus({ status, bootId, at }).status).toBe(status);
  });

  test("without a status no run was made", () => {
    expect(deriveStatus({ status: undefined, bootId, at }).status).toEqual(initialStatus(bootId, at));
  });
});

describe("the end of a run that the status does not know of", () => {
  // From each state, with the desired state that such an end leaves behind.
  test.each([
    ["in-service", "in", ["S", "S", "S", "S", "S", "S", "S"]],
    ["unconfirmed", "in", ["S", "S", "S", "S", "S", "S", "S"]],
    ["held", "none", ["H", "H", "H", "H", "H", "H", "H"]],
    ["held", "out", ["H", "H", "H", "H", "H", "H", "H"]],
    ["rebooting", "none", ["R", "R", "R", "R", "R", "R", "R"]],
    ["done", "out", ["s", "s", "s", "s", "o", "l", "s"]],
    ["done, with a note", "drained", ["o", "o", "o", "o", "o", "o", "o"]],
    ["done, with a note", "in", ["s", "s", "s", "s", "o", "l", "s"]],
    ["in-service", "drained", ["l", "l", "l", "l", "l", "l", "l"]],
  ] as const)("%s, desired %s", (end, desired, expected) => {
    const words = { S: "in-service", H: "held", R: "rebooting", s: "starting", o: "out-of-service", l: "leaving" };
    const states = instanceStates.map((state) => {
      const known = { status: inState(state), ended: ended(end), membership: membership(desired) };
      return deriveStatus({ ...known, bootId, at }).status.state;
    });
    expect(states).toEqual(expected.map((letter) => words[letter]));
  });

  test.each([
    ["its beginning is known", "starting", "end in-service, gates-passed, in-service"],
    ["nor of its beginning", "new", "run-began, end in-service, gates-passed, in-service"],
    [
      "nor of its beginning, which ended an earlier hold",
      "held",
      "run-began, end in-service, gates-passed, in-service",
    ],
    ["it came back", "out-of-service", "end in-service, gates-passed, in-service"],
    ["it took a leave back", "leaving", "end in-service, gates-passed, in-service"],
  ] as const)("%s: %s", (_what, state, expected) => {
    expect(derived({ status: inState(state), ended: ended("in-service"), membership: membership("in") })).toBe(
      expected,
    );
  });

  test.each([
    ["fails", "failed", "in", "end failed, in-service"],
    ["passes", "in-service", "in", "end in-service, gates-passed, in-service"],
    ["finds that its group put it in standby", "done, with a note", "out", "end done, kept-out, out-of-service"],
    ["fails, and its desired state is out", "failed", "out", "end failed, leave-began, leaving"],
  ] as const)("a run of an instance that serves %s", (_what, end, desired, expected) => {
    const known = { status: inState("in-service"), ended: ended(end, false), membership: membership(desired) };
    expect(derived(known)).toBe(expected);
  });

  test.each([
    ["it was reported", { status: inState("in-service", "finished"), membership: membership("in") }, "in-service"],
    ["it was reported, and a person held it back", { status: inState("held", "finished") }, "held"],
    ["the status is of another run", { ended: { ...ended("held"), run: "0002-abcd" } }, "starting"],
    [
      "no more than its state is missing",
      { status: inState("starting", "finished") },
      "end in-service, gates-passed, in-service",
    ],
    ["it makes nothing of the state", { status: inState("starting", "finished"), ended: ended("done") }, "starting"],
    ["a leave is at work", { membership: membership("drained", true) }, "end in-service, starting"],
    [
      "a leave is at work, and it stays out",
      { ended: ended("done, with a note"), membership: membership("drained", true) },
      "end done, starting",
    ],
  ] as const)("%s", (_what, known, expected) => {
    expect(derived({ ended: ended("in-service"), ...known })).toBe(expected);
  });

  test("the reason is that of the end, and what of it others may read", () => {
    const held = deriveStatus({ status: inState("starting"), bootId, at, ended: ended("held") }).status;
    expect(held).toMatchObject({ reason: "health: no", heldAt: "health", error, run: { finished: true, end: "held" } });
    const known = { status: inState("starting"), bootId, at, ended: ended("in-service") };
    expect(deriveStatus(known).status.reason).toBe("every gate passed");
    expect(deriveStatus({ ...known, membership: membership("in") }).status.reason).toBe("run wants it in");
  });
});

describe("a status that was lost", () => {
  test.each([
    ["in", "new", "status-lost, in-service"],
    ["in", "starting", "status-lost, in-service"],
    ["in", "held", "status-lost, in-service"],
    ["in, of an earlier boot", "new", "new"],
    ["none", "new", "new"],
    ["drained", "new", "new"],
  ] as const)("desired %s, %s: %s", (desired, state, expected) => {
    expect(derived({ status: inState(state, "none"), membership: membership(desired) })).toBe(expected);
  });
});

describe("an agent that died before it could report that the instance leaves", () => {
  test.each([
    ["drained", "finished", "leave-began, leaving"],
    ["drained, in an earlier boot", "finished", "leave-began, leaving"],
    ["out", "finished", "leave-began, leaving"],
    ["out", "none", "leave-began, leaving"],
    ["out", "running", "in-service"],
    ["notice, of an earlier boot", "finished", "in-service"],
    ["in", "finished", "in-service"],
    ["none", "finished", "in-service"],
  ] as const)("desired %s, its run %s: %s", (desired, of, expected) => {
    expect(derived({ status: inState("in-service", of), membership: membership(desired) })).toBe(expected);
  });

  test("a leave that is at work reports itself", () => {
    const known = { status: inState("in-service", "finished"), membership: membership("drained", true) };
    expect(derived(known)).toBe("in-service");
  });
});

describe("the reconciler saw the world agree", () => {
  test.each([
    ["leaving", "drained", "agrees-out, out-of-service"],
    ["in-service", "drained", "leave-began, agrees-out, out-of-service"],
    ["in-service", "in", "agrees-in, in-service"],
    ["leaving", "in", "leaving"],
    ["held", "in", "held"],
    ["held", "out", "held"],
    ["out-of-service", "drained", "out-of-service"],
    ["in-service", "none", "in-service"],
  ] as const)("%s, desired %s: %s", (state, desired, expected) => {
    const known = { status: inState(state, "finished"), membership: membership(desired), agrees: true };
    expect(derived(known)).toBe(expected);
    expect(derived({ ...known, membership: membership(desired, true) }), "while it is at work").toBe(state);
  });

  test("an instance that fails its checks keeps its reason", () => {
    const health = { healthy: false, since: at, checks: [] };
    const status = { ...inState("in-service", "finished"), health };
    expect(derived({ status, membership: membership("in"), agrees: true })).toBe("in-service");
  });
});

test("whatever is known: the status follows from the events, along the table, once, and serves only where it is wanted", () => {
  const known = record({
    state: constantFrom(...instanceStates),
    of: constantFrom("running", "finished", "none"),
    boot: constantFrom(bootId, "boot-1"),
    desired: option(constantFrom(...(Object.keys(wishes) as (keyof typeof wishes)[]))),
    reconciling: boolean(),
    end: option(constantFrom(...(Object.keys(ends) as (keyof typeof ends)[]))),
    gated: boolean(),
    agrees: boolean(),
  });
  assert(
    property(known, ({ state, of, boot, desired, reconciling, end, gated, agrees }) => {
      const facts: Omit<Known, "status"> = {
        ...{ bootId, at, agrees },
        ...(desired === null ? {} : { membership: membership(desired, reconciling) }),
        ...(end === null ? {} : { ended: ended(end, gated) }),
      };
      const before = deriveStatus({ status: inState(state, of, boot), bootId, at }).status;
      const { status, events } = deriveStatus({ status: before, ...facts });
      expect(events.reduce(reduceStatus, before)).toEqual(status);
      let from = before.state;
      for (const event of events) {
        if (event.type !== "state-changed") continue;
        const row = transitions.find((each) => each.from === from && each.event === event.trigger);
        expect(row?.to).toBe(event.state);
        from = event.state;
      }
      // The journal of a run that reboots stays open: it is no run that has ended when an agent starts.
      if (end !== "rebooting") expect(deriveStatus({ status, ...facts }).events, "once").toEqual([]);
      const { wish: desires } = facts.membership ?? {};
      const isOut = desires?.want === "out" && (desires.by === "operator" || desires.bootId === bootId);
      if (isOut && !reconciling && status.run?.finished !== false) expect(status.state).not.toBe("in-service");
    }),
    tries(1000),
  );
});
