import { expect, test } from "vitest";
import { nearest } from "../../../../src/domain/text/nearest.ts";

test.each([
  ["ulr", ["url", "ref", "refs"], "url"],
  ["tag", ["cloud", "tags", "log"], "tags"],
  ["Role", ["role", "ref"], "role"],
  ["secuirty", ["security", "all", "none"], "security"],
  ["reff", ["ref", "refs"], "ref"],
  ["abandon", ["hold"], undefined],
  ["x", [], undefined],
])("%s among %j means %s", (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});
