import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backOff, backoffMs } from "../../../../src/lib/async/backoff.ts";
import { jitteredMs } from "../../../../src/lib/async/periodic.ts";
import { createFakeClock } from "../../../fakes/clock.ts";

const seconds = { firstMs: 1_000, maxMs: 30_000 };
const chance = (value: number) => ({ random: () => value });

test("the cap doubles up to the most, and full jitter takes any part of it", () => {
  expect([1, 2, 3, 6, 1_000].map((attempt) => backoffMs(seconds, attempt, chance(0.999_999)))).toEqual([
    1_000, 2_000, 4_000, 30_000, 30_000,
  ]);
  expect(backoffMs(seconds, 6, chance(0))).toBe(0);
});

test("jitter of the upper half waits at least half of the cap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, value) => {
      const wait = backoffMs({ ...seconds, jitter: "upper-half" }, attempt, chance(value));
      const cap = Math.min(30_000, 1_000 * 2 ** (attempt - 1));
      expect(wait).toBeGreaterThanOrEqual(cap / 2);
      expect(wait).toBeLessThanOrEqual(cap);
    }),
  );
});

test("a server that asks for more time gets it, with jitter on top, and ten minutes at most", () => {
  expect(backoffMs(seconds, 1, chance(0), { retryAfterMs: 20_000 })).toBe(20_000);
  expect(backoffMs(seconds, 1, chance(0.5), { retryAfterMs: 20_000 })).toBe(22_500);
  expect(backoffMs(seconds, 1, chance(0), { retryAfterMs: 86_400_000 })).toBe(600_000);
  // It never makes a wait shorter.
  expect(backoffMs(seconds, 6, chance(0.5), { retryAfterMs: 1_000 })).toBe(15_000);
});

test.each([undefined, null, "late", {}, { retryAfterMs: "20" }, { retryAfterMs: -5 }, { retryAfterMs: Number.NaN }])(
  "what says no usable time changes nothing: %j",
  (error) => {
    expect(backoffMs(seconds, 2, chance(0.5), error)).toBe(1_000);
  },
);

test("backing off ends as soon as the signal aborts", async () => {
  const clock = createFakeClock();
  const cancel = new AbortController();
  clock.at(100, () => cancel.abort(new Error("cancelled")));
  await expect(backOff(seconds, 3, clock, cancel.signal)).rejects.toThrow("cancelled");
  expect(clock.monotonicMs()).toBe(100);
});

test("an interval differs by a quarter at most", () => {
  expect([0, 0.5, 0.999_999].map((value) => Math.round(jitteredMs(1_000, chance(value))))).toEqual([750, 1_000, 1_250]);
});
