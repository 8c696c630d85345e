import * as fc from "fast-check";
import { expect, test } from "vitest";
import { offsetMs } from "../../../../src/domain/run/splay.ts";

const hex = fc.stringMatching(/^[0-9a-f]{17}$/);
const aWindow = fc.integer({ min: 1, max: 7 * 24 * 3_600_000 });

test("an offset lies inside its window and is always the same", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), aWindow, (id, name, windowMs) => {
      const offset = offsetMs(id, name, windowMs);
      expect(offset).toBe(offsetMs(id, name, windowMs));
      expect(Number.isInteger(offset)).toBe(true);
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThan(windowMs);
    }),
  );
  expect(offsetMs("i-1", "patch", 0)).toBe(0);
  // Stable over releases too: an upgrade of muster must not move a fleet's patches.
  expect(offsetMs("i-0a1b2c3d4e5f60718", "patch", 3_600_000)).toBe(1_923_143);
});

test("a fleet is spread evenly, whether its ids are drawn or counted up", () => {
  fc.assert(
    fc.property(fc.boolean(), hex, fc.constantFrom("patch", "converge", "sweep"), (counted, seed, name) => {
      const fleet = Array.from({ length: 1000 }, (_, index) => {
        if (counted) return `i-${(BigInt(`0x${seed}`) + BigInt(index)).toString(16).padStart(17, "0")}`;
        return `i-${((BigInt(`0x${seed}`) | 1n) * BigInt(index + 1) * 0x9e3779b97f4a7c15n).toString(16).slice(-17)}`;
      });
      const tenths = Array.from({ length: 10 }, () => 0);
      for (const id of fleet) {
        const tenth = Math.floor(offsetMs(id, name, 3_600_000) / 360_000);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      // 100 in each, give or take six standard deviations.
      for (const count of tenths) expect(Math.abs(count - 100)).toBeLessThan(57);
    }),
    { numRuns: 200 },
  );
});

test("schedules of one instance do not move together", () => {
  fc.assert(
    fc.property(hex, (id) => {
      const names = ["patch", "converge", "check", "fetch", "sweep"];
      expect(new Set(names.map((name) => offsetMs(`i-${id}`, name, 3_600_000))).size).toBe(names.length);
    }),
    { seed: 1 },
  );
});
