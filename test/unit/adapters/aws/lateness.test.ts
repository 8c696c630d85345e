import { expect, test } from "vitest";
import { createLateness } from "../../../../src/adapters/aws/lateness.ts";

const document = {
  accountId: "111122223333",
  availabilityZone: "eu-west-1b",
  instanceId: "i-0a1b2c3d4e5f60718",
  region: "eu-west-1",
};
const launched = Date.parse("2026-11-30T08:00:00Z");

function lateAfter(ageMs: number, waitedMs: number, pendingTime?: string): boolean {
  let monotonic = 0;
  const late = createLateness({ now: () => new Date(launched + ageMs), monotonicMs: () => monotonic });
  late({ ...document, pendingTime });
  monotonic = waitedMs;
  return late({ ...document, pendingTime });
}

test.each([
  ["a second old", 1_000, 0, true],
  ["two minutes old", 120_000, 0, false],
  ["launched in the future, by a clock that is behind", -3_600_000, 1_000, true],
  ["the same after two minutes of asking", -3_600_000, 120_000, false],
])("an instance that is %s", (_what, ageMs, waitedMs, late) => {
  expect(lateAfter(ageMs, waitedMs, "2026-11-30T08:00:00Z")).toBe(late);
});

test.each([undefined, "", "yesterday"])("a launch at %j is no reason to wait", (pendingTime) => {
  expect(lateAfter(0, 0, pendingTime)).toBe(false);
});
