import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decide, type Decision, type Standing } from "../../../../src/daemon/standing/decide.ts";
import { departureKey, departureKinds, endsMachine, type Departure } from "../../../../src/domain/departure.ts";
import { usualLeave } from "../../../../src/domain/leaving.ts";

const now = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number): string => new Date(now + seconds * 1000).toISOString();

const spot: Departure = { kind: "spot", id: "s", text: "taken back", deadline: at(120) };
const scaleIn: Departure = { kind: "scale-in", id: "g", text: "scaled in" };
const standby: Departure = { kind: "standby", id: "b", text: "in standby" };
const rebalance: Departure = { kind: "rebalance", id: "r", text: "may be taken back" };
const maintenance: Departure = { kind: "maintenance", id: "m", text: "a reboot", deadline: at(3600) };
const sick: Departure = { kind: "unhealthy", id: "u", text: "nginx is down" };

const inService = { want: "in", by: "run", bootId: "now" } as const;
const outBy = (by: "notice" | "health" | "operator" | "shutdown" | "patch" | "run", bootId = "now") =>
  ({ want: "out", by, bootId }) as const;
const keys = (...departures: readonly Departure[]) => new Set(departures.map(departureKey));

function standing(over: Partial<Standing> = {}): Standing {
  return {
    wish: inService,
    bootId: "now",
    departures: [],
    heard: () => true,
    answered: new Set(),
    past: new Set(),
    seenThrough: new Set(),
    policy: usualLeave,
    paused: false,
    nowMs: now,
    ...over,
  };
}

const stay: Decision = { do: "stay" };
const leave = (departure: Departure): Decision => ({ do: "leave", departure });

test.each<[string, Partial<Standing>, Decision]>([
  ["nothing holds", {}, stay],
  ["a spot notice", { departures: [spot] }, leave(spot)],
  ["a scale-in", { departures: [scaleIn] }, leave(scaleIn)],
  ["standby", { departures: [standby] }, leave(standby)],
  ["failing checks", { departures: [sick] }, leave(sick)],
  ["failing checks in a pause", { departures: [sick], paused: true }, stay],
  ["a pause while it leaves for them", { departures: [sick], paused: true, wish: outBy("health") }, leave(sick)],
  ["a spot notice in a pause", { departures: [spot], paused: true }, leave(spot)],
  ["a recommendation, cordoned", { departures: [rebalance] }, stay],
  [
    "a recommendation, drained",
    { departures: [rebalance], policy: { ...usualLeave, rebalance: "drain" } },
    leave(rebalance),
  ],
  ["a recommendation, ignored", { departures: [rebalance], policy: { ...usualLeave, rebalance: "ignore" } }, stay],
  ["maintenance in an hour", { departures: [maintenance] }, { do: "stay", untilMs: now + 3_600_000 - 360_000 }],
  [
    "maintenance in six minutes",
    { departures: [{ ...maintenance, deadline: at(360) }] },
    leave({ ...maintenance, deadline: at(360) }),
  ],
  [
    "maintenance, ignored",
    { departures: [{ ...maintenance, deadline: at(60) }], policy: { ...usualLeave, maintenance: "ignore" } },
    stay,
  ],
  ["the one with a time goes first", { departures: [sick, scaleIn, spot] }, leave(spot)],
  ["without a time, what ends the machine goes first", { departures: [sick, scaleIn] }, leave(scaleIn)],
  [
    "answered, and a person brought it back",
    { departures: [rebalance], answered: keys(rebalance), policy: { ...usualLeave, rebalance: "drain" } },
    stay,
  ],
  [
    "answered by an agent that died: seen through",
    { departures: [spot], answered: keys(spot), wish: outBy("notice") },
    leave(spot),
  ],
  ["answered by an agent that died, and a person brought it back", { departures: [spot], answered: keys(spot) }, stay],
  [
    "answered by an agent that died, and whoever brought it back does not pass yet",
    { departures: [spot], answered: keys(spot), wish: outBy("run") },
    stay,
  ],
  ["seen through", { departures: [spot], answered: keys(spot), seenThrough: keys(spot), wish: outBy("notice") }, stay],
  [
    "a person keeps it out: the machine goes all the same",
    { departures: [spot], wish: outBy("operator") },
    leave(spot),
  ],
  ["held", { departures: [scaleIn], wish: outBy("run") }, leave(scaleIn)],
  [
    "out for health, and the machine goes",
    { departures: [sick, scaleIn], answered: keys(sick), wish: outBy("health") },
    leave(scaleIn),
  ],
  [
    "the notice is over",
    { answered: keys(spot), wish: outBy("notice") },
    { do: "return", by: "notice", over: ["spot s"] },
  ],
  [
    "the checks pass again",
    { answered: keys(sick), wish: outBy("health") },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "the checks pass again in a pause",
    { answered: keys(sick), wish: outBy("health"), paused: true },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "a pause does not bring back what is sick",
    { departures: [sick], answered: keys(sick), wish: outBy("health"), paused: true },
    stay,
  ],
  [
    "the checks pass again, and a person had brought it back in spite of a notice",
    { departures: [spot], answered: keys(sick, spot), seenThrough: keys(spot), wish: outBy("health") },
    { do: "return", by: "health", over: ["unhealthy u"] },
  ],
  [
    "a notice is over, and the maintenance that the last boot was for still holds",
    {
      departures: [{ ...maintenance, deadline: at(-60) }],
      answered: keys(maintenance, spot),
      past: keys(maintenance),
      seenThrough: keys(maintenance),
      wish: outBy("notice"),
    },
    { do: "return", by: "notice", over: ["spot s"] },
  ],
  ["one of two is over", { departures: [sick], answered: keys(sick, spot), wish: outBy("notice") }, stay],
  [
    "killed before it was noted, and only the metadata's notices were looked at",
    { wish: outBy("notice"), heard: (kind) => kind !== "scale-in" && kind !== "standby" },
    stay,
  ],
  [
    "killed before failing checks were noted, and nobody has made them yet",
    { answered: keys(maintenance), wish: outBy("health"), heard: (kind) => kind !== "unhealthy" },
    stay,
  ],
  ["nobody has looked yet", { answered: keys(spot), wish: outBy("notice"), heard: () => false }, stay],
  ["killed before it was noted", { wish: outBy("notice"), heard: () => false }, stay],
  ["killed before it was noted, and it is over", { wish: outBy("notice") }, { do: "return", by: "notice", over: [] }],
  [
    "maintenance is put off",
    { departures: [maintenance], answered: keys(maintenance), wish: outBy("notice") },
    { do: "return", by: "notice", over: ["maintenance m"] },
  ],
  [
    "over, and a person keeps it out",
    { answered: keys(spot), wish: outBy("operator") },
    { do: "forget", over: ["spot s"] },
  ],
  ["over with the boot", { answered: keys(spot), wish: outBy("notice", "before") }, { do: "forget", over: ["spot s"] }],
  ["out to be patched", { wish: outBy("patch") }, stay],
])("%s", (_what, over, expected) => {
  expect(decide(standing(over))).toEqual(expected);
});

/** What a daemon does in a world that changes at random, with what it notes on the way. */
function live(steps: readonly Step[]): { readonly told: readonly string[]; readonly wish: Standing["wish"] } {
  let state = standing();
  const told: string[] = [];
  const current = new Map<string, Departure>();
  function settle(): void {
    for (let turns = 0; turns < 50; turns += 1) {
      const decision = decide({ ...state, departures: [...current.values()] });
      if (decision.do === "stay") return;
      if (decision.do === "leave") {
        const key = departureKey(decision.departure);
        told.push(key);
        const by = decision.departure.kind === "unhealthy" ? "health" : "notice";
        const kept = state.wish?.want === "out" && (state.wish.by === "operator" || state.wish.by === "notice");
        state = {
          ...state,
          ...(kept ? {} : { wish: outBy(by) }),
          answered: new Set([...state.answered, key]),
          seenThrough: new Set([...state.seenThrough, key]),
        };
        continue;
      }
      told.push(decision.do);
      const gone = (known: ReadonlySet<string>) => new Set([...known].filter((key) => !decision.over.includes(key)));
      const wish = decision.do === "return" ? inService : state.wish;
      state = { ...state, wish, answered: gone(state.answered), seenThrough: gone(state.seenThrough) };
    }
    throw new Error("it never comes to rest");
  }
  for (const step of steps) {
    if (step.kind === "begins") current.set(departureKey(step.departure), step.departure);
    if (step.kind === "ends") current.delete(departureKey(step.departure));
    if (step.kind === "drain") state = { ...state, wish: outBy("operator") };
    if (step.kind === "join") state = { ...state, wish: inService };
    settle();
  }
  return { told, wish: state.wish };
}

type Step = { readonly kind: "begins" | "ends"; readonly departure: Departure } | { readonly kind: "drain" | "join" };

const anyDeparture: fc.Arbitrary<Departure> = fc
  .record({ kind: fc.constantFrom(...departureKinds), id: fc.constantFrom("1", "2") })
  .map(({ kind, id }) => ({ kind, id, text: kind, ...(kind === "spot" ? { deadline: at(Number(id) * 60) } : {}) }));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: anyDeparture.map((departure): Step => ({ kind: "begins", departure })) },
  { weight: 3, arbitrary: anyDeparture.map((departure): Step => ({ kind: "ends", departure })) },
  { weight: 1, arbitrary: fc.constantFrom<Step[]>({ kind: "drain" }, { kind: "join" }) },
);

test("no departure acts twice, whatever else comes and goes", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const begun = new Map<string, number>();
      const current = new Set<string>();
      for (const step of steps) {
        if (step.kind === "begins" && !current.has(departureKey(step.departure))) {
          current.add(departureKey(step.departure));
          begun.set(departureKey(step.departure), (begun.get(departureKey(step.departure)) ?? 0) + 1);
        }
        if (step.kind === "ends") current.delete(departureKey(step.departure));
      }
      const { told } = live(steps);
      for (const [key, times] of begun) {
        expect(told.filter((one) => one === key).length).toBeLessThanOrEqual(times);
      }
    }),
  );
});

test("once everything is over it is where a person, or nobody, wants it", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const ends = departureKinds.flatMap((kind) =>
        ["1", "2"].map((id): Step => ({ kind: "ends", departure: { kind, id, text: kind } })),
      );
      const { wish } = live([...steps, ...ends]);
      const last = steps.findLast(({ kind }) => kind === "drain" || kind === "join")?.kind;
      if (last === "drain") expect(wish).toEqual(outBy("operator"));
      else expect(wish).toMatchObject({ want: "in" });
    }),
  );
});

test("an operator's drain is never undone", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
      const after = steps.filter(({ kind }) => kind !== "join");
      expect(live([{ kind: "drain" }, ...after]).wish).toEqual(outBy("operator"));
    }),
  );
});

test("what ends the machine is seen through whoever keeps it out", () => {
  for (const departure of [spot, scaleIn]) {
    expect(endsMachine(departure)).toBe(true);
    for (const by of ["operator", "shutdown", "health", "patch"] as const) {
      expect(decide(standing({ departures: [departure], wish: outBy(by) }))).toEqual(leave(departure));
    }
  }
});
