import { expect, test } from "vitest";

import { budgetTable, table, withSpread } from "../../../bench/shared/table.ts";

test("a table is Markdown whose columns stand under each other, figures to the right", () => {
  const text = table(
    ["what", "wall"],
    [
      ["muster", "9"],
      ["the shell script", "12.5"],
    ],
  );
  expect(text.split("\n")).toEqual([
    "| what             | wall |",
    "| ---------------- | ---: |",
    "| muster           |    9 |",
    "| the shell script | 12.5 |",
  ]);
});

test("a figure shows between what it lay", () => {
  expect(withSpread({ min: 1, median: 2.25, max: 3 }, 1)).toBe("2.3 (1.0-3.0)");
});

test("a budget that is not met is loud", () => {
  const budget = { what: "calls", limit: "<= 6", measured: "7", met: false };
  expect(budgetTable([budget])).toContain("NOT MET");
  expect(budgetTable([{ ...budget, met: true }])).not.toContain("NOT MET");
});
