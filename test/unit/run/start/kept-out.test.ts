import { expect, test } from "vitest";
import type { Wish, WishBy } from "../../../../src/domain/membership/membership.ts";
import { keptOut } from "../../../../src/run/start/kept-out.ts";

const nowhere = { targets: [], records: [] };

function out(by: WishBy, bootId = "now"): Wish {
  const since = "2026-01-01T00:00:00.000Z";
  return { want: "out", by, reason: "", since, bootId, places: nowhere, former: nowhere, tags: {} };
}

const all: readonly WishBy[] = ["run", "patch", "health", "notice", "shutdown", "operator"];

/** Whom each overrules: the rows of the table in docs/membership.md. */
test.each<[WishBy, readonly WishBy[]]>([
  ["run", ["run"]],
  ["patch", ["run", "patch"]],
  ["health", ["run", "health"]],
  ["notice", ["run", "patch", "health", "notice"]],
  ["shutdown", ["run", "patch", "health", "notice", "shutdown"]],
  ["operator", all],
])("%s overrules %j", (by, overruled) => {
  expect(all.filter((keeper) => !keptOut(out(keeper), "now", by))).toEqual(overruled);
});

test("only a person's wish outlives the boot that it was made in", () => {
  expect(all.filter((keeper) => keptOut(out(keeper, "before"), "now"))).toEqual(["operator"]);
});

test("an instance that is wanted in service is kept out by nobody", () => {
  expect(keptOut({ ...out("operator"), want: "in" }, "now")).toBe(false);
  expect(keptOut(undefined, "now")).toBe(false);
});
