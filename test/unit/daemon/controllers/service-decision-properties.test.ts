import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decideService, type ServiceInputs } from "../../../../src/daemon/controllers/service-decision.ts";
import { departureKey, departureKinds, type Departure } from "../../../../src/domain/membership/departure.ts";
import { at, inService, outBy, inputs } from "./given.ts";

/** What a daemon does in a world that changes at random, with what it notes on the way. */
function live(steps: readonly Step[]): { readonly told: readonly string[]; readonly wish: ServiceInputs["wish"] } {
  let state = inputs();
  const told: string[] = [];
  const current = new Map<string, Departure>();
  function settle(): void {
    for (let turns = 0; turns < 50; turns += 1) {
      const decision = decideService({ ...state, departures: [...current.values()] });
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
