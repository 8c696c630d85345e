import { expect, test } from "vitest";

import { ratios, spread } from "../../../bench/shared/statistics.ts";

test("the spread of an odd number of values has the middle one", () => {
  expect(spread([30, 4, 100])).toEqual({ min: 4, median: 30, max: 100 });
});

test("the spread of an even number of values has the mean of the middle two", () => {
  expect(spread([1, 9, 3, 5])).toEqual({ min: 1, median: 4, max: 9 });
});

test("there is no spread of nothing, nor of what is not a number", () => {
  expect(() => spread([])).toThrow("a spread of nothing");
  expect(() => spread([1, Number.NaN])).toThrow("not a number");
});

test("ratios are taken round by round, not of medians", () => {
  expect(ratios([1, 10, 4], [2, 5, 4])).toEqual({ min: 0.5, median: 1, max: 2 });
  expect(() => ratios([1], [1, 2])).toThrow("unequal");
});
