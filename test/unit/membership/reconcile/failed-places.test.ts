import { expect, test } from "vitest";
import { together } from "../../../../src/membership/reconcile/failed-places.ts";
import { trouble } from "../world.ts";

const throttled = trouble("aws-throttled", true);
const denied = trouble("aws-access-denied", true);
const refused = trouble("dns-refused", false);

test("one place that failed keeps its words", () => {
  expect(together([{ place: "web", error: throttled }])).toBe(throttled);
});

test("several places are named, those of one failure together, under the code of the gravest", () => {
  const all = together([
    { place: "a.example", error: throttled },
    { place: "b.example", error: denied },
    { place: "c.example", error: throttled },
  ]);
  expect(all).toMatchObject({
    code: "aws-access-denied",
    transient: true,
    message: "a.example, c.example: trouble: aws-throttled; b.example: trouble: aws-access-denied",
  });
});

test("what needs a person is not hidden by what passes", () => {
  const both = [
    { place: "a.example", error: throttled },
    { place: "b.example", error: refused },
  ];
  expect(together(both)).toMatchObject({ code: "dns-refused", transient: false });
});

test("a bug stays a bug", () => {
  const bug = new Error("bug");
  expect(
    together([
      { place: "a", error: throttled },
      { place: "b", error: bug },
    ]),
  ).toBe(bug);
});
