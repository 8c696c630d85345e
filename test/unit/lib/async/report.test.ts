import { expect, test } from "vitest";
import { createOnceGate, createReportGate } from "../../../../src/lib/async/report.ts";

test("a trouble that lasts is reported once, and again after it was gone or another came", () => {
  const gate = createReportGate<string>();
  const keys = ["denied", "denied", undefined, "denied", "throttled", "denied"];
  expect(keys.map((key) => gate.isNew(key))).toEqual([true, false, false, true, true, true]);
});

test("a key of a once gate passes once for good", () => {
  const gate = createOnceGate<string>();
  const keys = ["a", "b", "a", undefined, "a"];
  expect(keys.map((key) => gate.isNew(key))).toEqual([true, true, false, false, false]);
});
