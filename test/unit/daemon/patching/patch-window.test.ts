import { expect, it } from "vitest";
import { leftOf } from "../../../../src/daemon/patching/patch-window.ts";

const window = { opensAt: "2026-11-21T02:00:00.000Z", closesAt: "2026-11-21T04:00:00.000Z" };

it.each([
  ["while it is open", "2026-11-21T03:00:00Z", 3_600_000],
  ["when it has closed", "2026-11-21T04:00:00Z", 0],
  ["of a clock that was ten years ahead, and is set", "2016-11-21T03:00:00Z", 0],
])("a window, %s", (_, now, left) => {
  expect(leftOf(window, new Date(now))).toBe(left);
});
