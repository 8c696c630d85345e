import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Check } from "../../../../src/domain/health/check.ts";
import {
  afterRound,
  failingText,
  interrupted,
  isWorthReporting,
  healthStateAt,
  type TieredCheck,
  type HealthState,
} from "../../../../src/domain/health/health.ts";

const rules = { fall: 3, rise: 2 };
const everyMs = 10_000;
const begun = "2026-01-01T00:00:00.000Z";

function tiered(name: string): TieredCheck {
  const pacing = { intervalMs: 1, timeoutMs: 1, rise: 1, fall: 1 };
  const check: Check = { name, target: { kind: "unit", unit: name }, pacing };
  return { tier: "service", check };
}

/** One letter a check and round: `.` passes, anything else fails. */
function play(
  rounds: readonly string[],
  from: HealthState = healthStateAt(true, begun),
  startMs = 0,
): readonly HealthState[] {
  let healthState = from;
  return rounds.map((letters, index) => {
    const monotonicMs = startMs + index * everyMs;
    const results = letters.split("").map((letter, at) => ({
      ...tiered(`check ${at}`),
      result:
        letter === "." ? { ok: true as const, seen: "fine" } : { ok: false as const, expected: "fine", seen: letter },
    }));
    const at = new Date(Date.parse(begun) + monotonicMs).toISOString();
    healthState = afterRound(healthState, { results, at, monotonicMs }, rules);
    return healthState;
  });
}

const verdicts = (rounds: readonly string[], from?: HealthState, startMs?: number) =>
  play(rounds, from, startMs).map(({ healthy }) => (healthy ? "up" : "down"));

test("as many failures in a row of one check as `fall` says, and not of several between them", () => {
  expect(verdicts(["x", "x", "x"])).toEqual(["up", "up", "down"]);
  expect(verdicts(["x", "x", ".", "x", "x"])).toEqual(["up", "up", "up", "up", "up"]);
  expect(verdicts(["x.", "x.", ".x", ".x"])).toEqual(["up", "up", "up", "up"]);
});

test("as many rounds in which all pass as `rise` says", () => {
  const [sick] = play(["x.", "x.", "x."]).slice(-1);
  expect(verdicts(["..", ".."], sick)).toEqual(["down", "up"]);
  expect(verdicts(["..", ".x", "..", ".."], sick)).toEqual(["down", "down", "down", "up"]);
});

test("what comes and goes stays out for longer and longer, and is forgiven after an hour", () => {
  const fall = ["x", "x", "x"];
  /** How many good rounds bring it back after so many falls in a row. */
  function roundsOut(falls: number): number {
    let healthState = healthStateAt(true, begun);
    let out = 0;
    for (let count = 0; count < falls; count += 1) {
      healthState = play(fall, healthState).at(-1) ?? healthState;
      for (out = 0; !healthState.healthy; out += 1) healthState = play(["."], healthState)[0] ?? healthState;
    }
    return out;
  }
  expect([1, 2, 3, 4, 5, 6].map(roundsOut)).toEqual([2, 4, 8, 16, 16, 16]);
  const [once] = play([...fall, ".", "."]).slice(-1);
  const [again] = play(fall, once, 3_600_000).slice(-1);
  expect(verdicts([".", "."], again, 3_700_000)).toEqual(["down", "up"]);
});

test("a run in between clears the counts and keeps the verdict", () => {
  const [nearly] = play(["x", "x"]).slice(-1);
  expect(verdicts(["x", "x"], interrupted(nearly ?? healthStateAt(true, begun)))).toEqual(["up", "up"]);
  const [sick] = play(["x", "x", "x", "."]).slice(-1);
  expect(verdicts([".", "."], interrupted(sick ?? healthStateAt(true, begun)))).toEqual(["down", "up"]);
});

test("each check says since when it passes or fails, and failures say what was expected and seen", () => {
  const [, , last] = play(["..", ".a", ".b"]);
  expect(last?.checks).toEqual([
    { tier: "service", name: "check 0", since: begun, ok: true, seen: "fine" },
    { tier: "service", name: "check 1", since: "2026-01-01T00:00:10.000Z", ok: false, expected: "fine", seen: "b" },
  ]);
  expect(failingText(last?.checks ?? [])).toBe("service check check 1: expected fine, saw b");
});

test("other words for the same finding are no news; another verdict, outcome or check is", () => {
  const [one, other, failing] = play(["a.", "b.", "b"]);
  const [good, sick] = [healthStateAt(true, begun), healthStateAt(false, begun)];
  if (one === undefined || other === undefined || failing === undefined) throw new Error("no rounds");
  expect(isWorthReporting(one, other)).toBe(false);
  expect([isWorthReporting(undefined, one), isWorthReporting(one, failing), isWorthReporting(good, sick)]).toEqual([
    true,
    true,
    true,
  ]);
});

test("it is never down before `fall` failures, nor up again before `rise` passes", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("x", "."), { maxLength: 60 }), (rounds) => {
      const told = play(rounds);
      for (const [at, { healthy }] of told.entries()) {
        const before = at === 0 || (told[at - 1]?.healthy ?? true);
        if (before && !healthy) expect(rounds.slice(at - 2, at + 1)).toEqual(["x", "x", "x"]);
        if (!before && healthy) expect(rounds.slice(at - 1, at + 1)).toEqual([".", "."]);
      }
    }),
  );
});
