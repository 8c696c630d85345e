import { expect, test } from "vitest";
import { isWanted } from "../../../../src/domain/membership/wanted.ts";

test.each([
  ["nothing is known yet", undefined, "new", undefined],
  ["the boot run is under way", undefined, "starting", true],
  ["it serves", { want: "in", by: "run" }, "in-service", true],
  ["a gate keeps it out", { want: "out", by: "run" }, "held", true],
  ["it is tried again", { want: "out", by: "run" }, "starting", true],
  ["its checks took it out", { want: "out", by: "health" }, "out-of-service", true],
  ["its group keeps it out", { want: "out", by: "run" }, "out-of-service", false],
  ["a patch window took it out", { want: "out", by: "patch" }, "out-of-service", false],
  ["it does not pass after a patch", { want: "out", by: "patch" }, "held", true],
  ["it is joining", { want: "out", by: "run", joining: true }, "out-of-service", true],
  ["the cloud takes it", { want: "out", by: "notice" }, "leaving", false],
  ["an operator drained it", { want: "out", by: "operator" }, "held", false],
] as const)("whether it is to be in service, when %s", (_when, wish, state, expected) => {
  expect(isWanted(wish, state)).toBe(expected);
});
