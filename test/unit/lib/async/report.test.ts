import { expect, test } from "vitest";
import { createOnceGate, createPacedGate, createReportGate } from "../../../../src/lib/async/report.ts";

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

test("what counts as reported from the beginning is not reported, and its return is", () => {
  const gate = createReportGate<string>("none");
  expect(["none", "cordon", "cordon", "none"].map((key) => gate.isNew(key))).toEqual([false, true, false, true]);
});

test("a paced gate reports what matters at once, and small changes at its pace", () => {
  let nowMs = 0;
  const gate = createPacedGate<{ readonly ok: boolean; readonly seen: string }>(
    { matters: (a, b) => a.ok !== b.ok, differs: (a, b) => a.seen !== b.seen, everyMs: 60 },
    () => nowMs,
  );
  function at(ms: number, ok: boolean, seen: string): boolean {
    nowMs = ms;
    return gate.isNew({ ok, seen });
  }
  expect(at(0, true, "a")).toBe(true);
  expect(at(10, true, "b")).toBe(false);
  expect(at(20, false, "b")).toBe(true);
  expect(at(79, false, "c")).toBe(false);
  expect(at(80, false, "c")).toBe(true);
  expect(at(200, false, "c")).toBe(false);
  expect(gate.isNew(undefined)).toBe(false);
  expect(at(201, false, "c")).toBe(true);
});
