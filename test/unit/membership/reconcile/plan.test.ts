import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RecordState, TargetState, Wish } from "../../../../src/domain/membership/membership.ts";
import { plan, type Observed } from "../../../../src/membership/reconcile/plan.ts";
import { describeStep, describeWait, type Phase } from "../../../../src/membership/reconcile/steps.ts";
import { nextWish } from "../../../../src/membership/wish.ts";
import { record, target, wantIn, wantOut } from "../world.ts";

const facts = { partedMs: Infinity, clearedMs: 0, serveLeftMs: Infinity, tagPrefix: "muster:" };
const now = new Date("2026-01-01T00:00:00Z");

const targetState: fc.Arbitrary<TargetState> = fc.oneof(
  fc.constantFrom<TargetState>(
    { kind: "absent" },
    { kind: "healthy" },
    { kind: "starting", reason: "not checked yet" },
    { kind: "unhealthy", reason: "DOWN" },
    { kind: "wrong", reason: "elsewhere" },
    { kind: "draining" },
  ),
  fc.nat(3).map((connections): TargetState => ({ kind: "draining", connections })),
);
const recordState = fc.constantFrom<RecordState>(
  { kind: "absent" },
  { kind: "present" },
  { kind: "differs", seen: "TTL 5" },
  { kind: "foreign", owner: "a person" },
);

/** A wish with a former place of each kind, and any state of everything. */
const situation = fc
  .record({
    want: fc.constantFrom<Wish["want"]>("in", "out"),
    targets: fc.tuple(targetState, targetState),
    records: fc.tuple(recordState, recordState),
    partedMs: fc.oneof(fc.nat(60_000), fc.constant(Infinity)),
  })
  .map(({ want, targets, records, partedMs }) => {
    const before = nextWish(undefined, wantIn({ targets: [target("api")], records: [record("old")] }), now);
    const joined = nextWish(before, wantIn(), now);
    const wish = want === "in" ? joined : nextWish(joined, wantOut(), now);
    const observed: Observed = {
      targets: [target(), target("api")].map((one, at) => ({ target: one, state: targets[at] ?? { kind: "absent" } })),
      records: [record(), record("old")].map((one, at) => ({ record: one, state: records[at] ?? { kind: "absent" } })),
      tags: {},
    };
    return { wish, observed, facts: { ...facts, partedMs } };
  });

function stepsOf(phases: readonly Phase[]) {
  return phases.flatMap(({ steps }) => steps);
}

test("nothing is registered or published while the instance is wanted out", () => {
  fc.assert(
    fc.property(situation, ({ wish, observed, facts: given }) => {
      if (wish.want === "in") return;
      for (const step of stepsOf(plan(wish, observed, given))) {
        expect(step.do).not.toBe("register");
        if (step.do === "update") expect(step.change.publish).toEqual([]);
      }
    }),
  );
});

test("what somebody else holds is in no update", () => {
  fc.assert(
    fc.property(situation, ({ wish, observed, facts: given }) => {
      const foreign = observed.records.filter(({ state }) => state.kind === "foreign").map(({ record: one }) => one);
      for (const step of stepsOf(plan(wish, observed, given))) {
        if (step.do !== "update") continue;
        for (const one of foreign) expect([...step.change.publish, ...step.change.withdraw]).not.toContainEqual(one);
      }
    }),
  );
});

test("what is wanted and healthy is neither drained nor removed", () => {
  fc.assert(
    fc.property(situation, ({ wish, observed, facts: given }) => {
      if (wish.want === "out") return;
      for (const step of stepsOf(plan(wish, observed, given))) {
        if (step.do === "drain" || step.do === "remove") expect(step.target.group).toBe("api");
      }
    }),
  );
});

test("every step and wait can be told to a person, and no phase is empty", () => {
  fc.assert(
    fc.property(situation, ({ wish, observed, facts: given }) => {
      for (const phase of plan(wish, observed, given)) {
        expect(phase.steps.length + phase.waits.length).toBeGreaterThan(0);
        for (const step of phase.steps) expect(describeStep(step).text).not.toBe("");
        for (const wait of phase.waits) expect(describeWait(wait)).not.toBe("");
      }
    }),
  );
});

test("a whole move, phase by phase", () => {
  const before = nextWish(undefined, wantIn({ targets: [target("api")], records: [record("old")] }), now);
  const wish = nextWish(before, wantIn(), now);
  const observed: Observed = {
    targets: [
      { target: target(), state: { kind: "absent" } },
      { target: target("api"), state: { kind: "healthy" } },
    ],
    records: [
      { record: record(), state: { kind: "absent" } },
      { record: record("old"), state: { kind: "present" } },
    ],
    tags: {},
  };
  const phases = plan(wish, observed, facts);
  expect(phases.map(({ steps }) => steps.map((step) => describeStep(step).text))).toEqual([
    ["Register web/i-1-80 at 10.0.0.1:80 (not registered) and wait until the balancer says healthy"],
    ["Update zone example.internal"],
    ["Drain api/i-1-80 at 10.0.0.1:80 for up to 20 s"],
    ["Remove api/i-1-80 at 10.0.0.1:80"],
    ["Write the state tags"],
  ]);
});

test("a renamed record goes in the batch of its successor, one of another zone only once that is there", () => {
  const elsewhere = { ...record("old"), zone: "other.internal", name: "old.other.internal" };
  const before = nextWish(undefined, wantIn({ targets: [], records: [record("old"), elsewhere] }), now);
  const wish = nextWish(before, wantIn({ targets: [], records: [record("new")] }), now);
  const records = [record("new"), record("old"), elsewhere].map((one, at) => ({
    record: one,
    state: { kind: at === 0 ? ("absent" as const) : ("present" as const) },
  }));
  const steps = plan(wish, { targets: [], records, tags: {} }, facts).map((phase) => phase.steps.map(describeStep));
  expect(steps.slice(0, 2)).toEqual([
    [
      {
        text: "Update zone example.internal",
        details: ["publish new.example.internal 30 A 10.0.0.1", "withdraw old.example.internal 30 A 10.0.0.1"],
      },
    ],
    [{ text: "Update zone other.internal", details: ["withdraw old.other.internal 30 A 10.0.0.1"] }],
  ]);
});

test("zones of one name have a batch each, and the dry run tells them apart", () => {
  const byId = { ...record("a", "192.0.2.2"), zoneId: "Z1" };
  const records = [record("a"), { ...record("a", "192.0.2.1"), visibility: "public" as const }, byId];
  const wish = nextWish(undefined, wantIn({ targets: [], records }), now);
  const absent = records.map((one) => ({ record: one, state: { kind: "absent" } as const }));
  const steps = stepsOf(plan(wish, { targets: [], records: absent, tags: {} }, facts));
  expect(steps.filter(({ stage }) => stage === "dns").map((step) => describeStep(step).details)).toEqual([
    ["publish a.example.internal 30 A 10.0.0.1"],
    ["publish a.example.internal 30 A 192.0.2.1"],
    ["publish a.example.internal 30 A 192.0.2.2"],
  ]);
  expect(steps.filter(({ stage }) => stage === "dns").map((step) => describeStep(step).text)).toEqual([
    "Update zone example.internal",
    "Update zone example.internal (public)",
    "Update zone example.internal (Z1)",
  ]);
});

test("a name that a tag asks for and others hold is no error, one of the catalogue is", () => {
  const records = [record("a"), { ...record("b"), tag: "muster:dns" }];
  const wish = nextWish(undefined, wantIn({ targets: [], records }), now);
  const foreign = records.map((one) => ({ record: one, state: { kind: "foreign", owner: "a person" } as const }));
  const steps = stepsOf(plan(wish, { targets: [], records: foreign, tags: {} }, facts));
  expect(steps.filter(({ stage }) => stage === "dns").map((step) => describeStep(step).text)).toEqual([
    "Fail: a.example.internal is held by a person and stays untouched",
  ]);
});

test.each([
  ["is cut to what EC2 takes", "x".repeat(300), "x".repeat(256)],
  ["is not cut in the middle of a character: EC2 could not even be asked", `${"x".repeat(255)}😀`, "x".repeat(255)],
  ["keeps a character that just fits", `${"x".repeat(254)}😀😀`, `${"x".repeat(254)}😀`],
  ["is one line", "held: 2 problems\n  a\r\n\tb\u001b[31m\u2028c", "held: 2 problems a b [31m c"],
  ["is text, whatever it was made of", "a\ud83db", "a\ufffdb"],
])("a tag's value %s", (_rule, reason, value) => {
  const wish = nextWish(undefined, wantIn({ targets: [], records: [] }, { tags: { reason } }), now);
  const [phase] = plan(wish, { targets: [], records: [], tags: {} }, facts);
  expect(phase?.steps).toEqual([{ stage: "tags", do: "write", tags: { "muster:reason": value } }]);
});

/** Places of one target at this address. */
function at(address: string) {
  return { targets: [target("web", 80, address)], records: [] };
}

test.each([
  [
    "the instance still has serves until the new one is healthy",
    ["10.0.0.2", "10.0.0.1"],
    ["register", "part", "remove"],
  ],
  ["is gone is deregistered first", ["10.0.0.2"], ["gone", "register"]],
])("an address that %s", (_what, held, names) => {
  const first = nextWish(undefined, wantIn(at("10.0.0.1")), now);
  const wish = nextWish(first, { ...wantIn(at("10.0.0.2")), held }, now);
  const [old] = wish.former.targets;
  if (old === undefined) throw new Error("no target is left");
  const observed: Observed = {
    targets: [
      { target: target("web", 80, "10.0.0.2"), state: { kind: "absent" } },
      { target: old, state: { kind: "healthy" } },
    ],
    records: [],
    tags: {},
  };
  const phases = plan(wish, observed, facts).map(({ name }) => name);
  expect(phases.slice(0, names.length)).toEqual(names);
});
