import { expect, test } from "vitest";
import { whichRun } from "../../../../src/cli/commands/which-run.ts";

const runs = ["0001-aaaa", "0002-bbbb", "0004-cccc", "0010-dddd"];

test.each([
  [undefined, "0010-dddd"],
  ["0", "0010-dddd"],
  ["-1", "0004-cccc"],
  ["-3", "0001-aaaa"],
  ["4", "0004-cccc"],
  ["0010", "0010-dddd"],
  ["10", "0010-dddd"],
  ["0002-bbbb", "0002-bbbb"],
])("%s is %s", (asked, run) => {
  expect(whichRun(runs, asked)).toBe(run);
});

test.each(["3", "-4", "0002-cccc", "last", "-", "1e1", " 1"])(
  "%j is no run, and those there are get listed",
  (asked) => {
    expect(() => whichRun(runs, asked)).toThrow(
      expect.objectContaining({
        code: "usage-unknown-run",
        message: `There is no run "${asked}" on this machine: there are 0010-dddd, 0004-cccc, 0002-bbbb, 0001-aaaa`,
      }),
    );
  },
);

test("of many only the newest are listed", () => {
  const many = Array.from({ length: 20 }, (_, index) => `${String(index + 1).padStart(4, "0")}-0000`);
  expect(() => whichRun(many, "99")).toThrow(/: the newest are 0020-0000, 0019-0000, .*0013-0000$/);
});

test("where there is no run, this is said, whatever was asked for", () => {
  for (const asked of [undefined, "1", "0001-aaaa"]) {
    expect(() => whichRun([], asked)).toThrow(expect.objectContaining({ code: "run-missing" }));
  }
});
