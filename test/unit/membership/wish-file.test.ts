import { expect, test } from "vitest";
import { wishIn } from "../../../src/membership/wish-file.ts";

test("no file is no wish, and a file that says nothing is not taken for that", () => {
  expect(wishIn(undefined)).toBeUndefined();
  for (const text of ["", "{", '{"version":1,"wish":{"want":"in"}}', '{"version":2}']) {
    expect(() => wishIn(text), text).toThrow("/var/lib/muster/membership.json is damaged or of a later muster");
  }
});
