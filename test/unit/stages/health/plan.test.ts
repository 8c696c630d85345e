import { expect, test } from "vitest";
import type { CheckResult } from "../../../../src/domain/health/check.ts";
import { advance, untried } from "../../../../src/stages/health/plan.ts";

const pacing = { intervalMs: 1000, timeoutMs: 500, rise: 2, fall: 3 };
const results: Readonly<Record<string, CheckResult>> = {
  "+": { ok: true, seen: "fine" },
  "-": { ok: false, expected: "fine", seen: "broken" },
};

/** The state after each attempt, a second apart: H healthy, u unhealthy. */
function play(attempts: string): string {
  let state = untried(0);
  let shown = "";
  for (const [index, mark] of attempts.split("").entries()) {
    const result = results[mark];
    if (result === undefined) throw new Error(mark);
    state = advance(state, result, pacing, (index + 1) * 1000);
    shown += state.healthy ? "H" : "u";
  }
  return shown;
}

test.each([
  ["", ""],
  ["++", "uH"],
  ["+-+-++", "uuuuuH"],
  ["++--+--+---", "uHHHHHHHHHu"],
  ["++---+", "uHHHuu"],
  ["++---++", "uHHHuuH"],
  ["---", "uuu"],
])("rise 2, fall 3: %s", (attempts, expected) => {
  expect(play(attempts)).toBe(expected);
});

test("since when is the first attempt of the streak", () => {
  const bad: CheckResult = { ok: false, expected: "a", seen: "b" };
  const first = advance(untried(0), bad, pacing, 1000);
  expect(advance(first, bad, pacing, 2000)).toMatchObject({ attempts: 2, streak: 2, sinceMs: 1000 });
});
