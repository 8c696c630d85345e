import { expect, test } from "vitest";
import { leftOfPause, type TimedPause } from "../../../../src/domain/instance/pause.ts";

const pause: TimedPause = {
  reason: "looking",
  by: "root",
  since: "2026-01-01T12:00:00.000Z",
  until: "2026-01-01T13:00:00.000Z",
  bootId: "boot-1",
  untilUpMs: 4_000_000,
};

function left(now: string, upMs: number, bootId: string): number {
  return leftOfPause(pause, { now: new Date(now), upMs, bootId });
}

test("in its own boot a pause lasts as long as was asked for, whatever the clock is set to", () => {
  expect(left("2026-01-01T12:00:00Z", 400_000, "boot-1")).toBe(3_600_000);
  expect(left("2036-01-01T12:00:00Z", 400_001, "boot-1")).toBe(3_599_999);
  expect(left("2016-01-01T12:00:00Z", 3_999_999, "boot-1")).toBe(1);
  expect(left("2016-01-01T12:00:00Z", 4_000_000, "boot-1")).toBe(0);
});

test.for([
  ["within it", "2026-01-01T12:30:00Z", 1_800_000],
  ["at its end", "2026-01-01T13:00:00Z", 0],
  ["ten years late", "2036-01-01T12:30:00Z", 0],
  ["before it began, where the clock is wrong now or was", "2026-01-01T11:59:59Z", 0],
] as const)("in a later boot the wall clock has to do: %s", ([_when, now, expected]) => {
  expect(left(now, 1000, "boot-2")).toBe(expected);
});
