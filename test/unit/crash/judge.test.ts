// What the crash matrix judges by: it has to see what is wrong.
import { expect, test } from "vitest";
import { differences } from "../../e2e/crash/end-state.ts";
import { ungated } from "../../e2e/crash/gates.ts";

const passed = (at: string) => ({ kind: "step-finished", stage: "health", boot: "a", at });
const at = (time: string) => Date.parse(time);
const death = at("2026-01-01T00:00:10Z");

test.for([
  ["after its gate", "2026-01-01T00:00:05Z", ["2026-01-01T00:00:04Z"], 0],
  ["before any gate", "2026-01-01T00:00:05Z", [], 1],
  ["before its gate", "2026-01-01T00:00:05Z", ["2026-01-01T00:00:06Z"], 1],
  ["by the next life, after a gate of its own", "2026-01-01T00:00:15Z", ["2026-01-01T00:00:14Z"], 0],
  ["by the next life, on the gate of the last one", "2026-01-01T00:00:15Z", ["2026-01-01T00:00:04Z"], 1],
] as const)("entered %s", ([, time, gates, wrong]) => {
  const journal = [...gates.map(passed), { ...passed("2026-01-01T00:00:00Z"), stage: "converge" }];
  expect(ungated([{ where: "the zone", at: at(time) }], journal, death)).toHaveLength(wrong);
});

test("what is missing and what is left over are both differences", () => {
  expect(differences(["a 1", "b 2"], ["a 1", "b 3", "c"])).toEqual(["- b 2", "+ b 3", "+ c"]);
});
