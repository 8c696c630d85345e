import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

test("the drift check's former name works, and its place is told", () => {
  const text =
    'version: 1\nroles:\n  web:\n    schedule: { check: "*/5 * * * *" }\n  db:\n    schedule: { drift: "1 * * * *" }\n';
  const { roles, formerKeys } = readCatalogue(text, "muster.yaml").catalogue;
  expect(roles["web"]?.schedule).toEqual({ drift: "*/5 * * * *", splayMs: 60_000 });
  expect(roles["db"]?.schedule).toEqual({ drift: "1 * * * *", splayMs: 60_000 });
  expect(formerKeys).toEqual({
    web: [
      {
        file: "muster.yaml",
        line: 4,
        column: 17,
        message: "roles.web.schedule.check: the key is called drift now; check still works",
        code: "catalogue-key-renamed",
      },
    ],
  });
});

test("the drift check by both of its names is refused", () => {
  const text = 'version: 1\nroles:\n  web:\n    schedule: { drift: "1 * * * *", check: "1 * * * *" }\n';
  expect(complaints(() => readCatalogue(text, "muster.yaml"))).toEqual([
    'muster.yaml:4:44: roles.web.schedule.check: expected drift alone, because check is its former name, found "1 * * * *"',
  ]);
});
