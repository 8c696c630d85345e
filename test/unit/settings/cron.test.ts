import { validate } from "node-cron";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { comes, isCron } from "../../../src/settings/cron.ts";

test.each(["* * * * *", "*/30 * * * *", "0 4 * * sun", "15,45 0-6/2 1 jan-mar 1-5", "0 0 31 12 7"])(
  "%s is an expression",
  (text) => {
    expect(isCron(text)).toBe(true);
  },
);

test.each([
  "",
  "* * * *",
  "* * * * * *",
  "60 * * * *",
  "* 24 * * *",
  "* * 0 * *",
  "* * * 13 *",
  "* * * * 8",
  "*/0 * * * *",
  "5-1 * * * *",
  "1-2-3 * * * *",
  "5/10 * * * *",
  "a * * * *",
  "@daily",
  ", * * * *",
])("%s is none", (text) => {
  expect(isCron(text)).toBe(false);
});

test("the scheduler understands whatever is accepted", () => {
  const item = fc.stringMatching(
    /^(\*|[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,2}|jan|dec|sun|sat)(\/[0-9]{1,2})?(,[0-9]{1,2})?$/,
  );
  const text = fc.tuple(item, item, item, item, item).map((items) => items.join(" "));
  fc.assert(
    fc.property(text, (each) => {
      if (isCron(each)) expect([each, validate(each)]).toEqual([each, true]);
    }),
    { numRuns: 2000 },
  );
});

test.each(["0 4 30 2 *", "0 4 31 4 *", "0 4 31 feb,apr,6-7/3,9,11 1", "0 0 30-31 2 *"])("%s never comes", (text) => {
  expect(comes(text)).toBe(false);
});

test.each(["0 4 29 2 *", "0 4 */29 2 *", "0 4 31 4-5 *", "0 4 31 */2 *", "0 4 5,31 4 *", "0 4 31 * *", "no cron"])(
  "%s comes, or is none",
  (text) => {
    expect(comes(text)).toBe(true);
  },
);
