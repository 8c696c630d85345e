import { expect, test } from "vitest";
import { whoseHooks } from "../../../../src/adapters/aws/whose-hooks.ts";
import { launchHook } from "../../../fakes/lifecycle.ts";

const one = [launchHook("ready")];
const two = [launchHook("muster-ready"), launchHook("backup")];

test.each([
  ["no hook", [], undefined, { pending: [] }],
  ["the only one", one, undefined, { pending: one }],
  ["one of several, and nobody says which", two, undefined, { pending: [], unclaimed: two }],
  ["one by a pattern", two, ["muster*"], { pending: [two[0]], others: ["backup"] }],
  ["both by name", two, ["backup", "muster-ready"], { pending: two }],
  ["none of them", one, ["muster*"], { pending: [], others: ["ready"] }],
  ["none at all by an empty list", one, [], { pending: [], others: ["ready"] }],
])("%s", (_what, hooks, patterns, divided) => {
  expect(whoseHooks(hooks, patterns)).toEqual(divided);
});
