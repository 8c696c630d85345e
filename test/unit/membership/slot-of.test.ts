import { expect, test } from "vitest";
import type { SlotRule } from "../../../src/domain/role/role.ts";
import { slotOf } from "../../../src/membership/slot-of.ts";
import { facts } from "./facts.ts";

const rule: SlotRule = { zone: "Example.internal", name: "{role}-{environment}", count: 2, expiresMs: 1 };

test("an instance's slot is what its role's rule says, in absolute lower case", () => {
  expect(slotOf(rule, facts)).toEqual({ zone: "example.internal", name: "web-dev.example.internal", count: 2 });
  expect(slotOf({ ...rule, visibility: "private" }, facts)).toMatchObject({ visibility: "private" });
  expect(slotOf({ ...rule, zoneId: "Z1" }, facts)).toMatchObject({ zone: "example.internal", zoneId: "Z1" });
});

test("the number that stands before the name finds room", () => {
  const label = "x".repeat(60);
  const name = [label, label, label, "x".repeat(37)].join(".");
  expect(slotOf({ ...rule, name }, facts).name).toHaveLength(253 - "_muster-slot-50.".length);
  expect(() => slotOf({ ...rule, name: `${name}x` }, facts)).toThrow(/is no valid name/);
});
