import { expect, test } from "vitest";
import { readCatalogue } from "../../../src/settings/catalogue.ts";
import { complaints } from "./complaints.ts";

function read(rest: string) {
  return readCatalogue(`version: 1\nroles:\n  web:\n    ${rest}\n`, "muster.yaml").catalogue.roles["web"];
}

test("a slot is one at a time for an hour, where nothing else is said", () => {
  expect(read("slot: { zone: example.internal, name: web }")?.slot).toEqual({
    zone: "example.internal",
    name: "web",
    count: 1,
    expiresMs: 3_600_000,
  });
  expect(read('slot: { zone: a.b, name: "{role}", count: 3, expires: 20m, visibility: private }')?.slot).toEqual({
    zone: "a.b",
    name: "{role}",
    count: 3,
    expiresMs: 1_200_000,
    visibility: "private",
  });
  expect(read("slot: { zone: a.b, zoneId: Z0123456789ABCDEFGHIJ, name: web }")?.slot).toMatchObject({
    zone: "a.b",
    zoneId: "Z0123456789ABCDEFGHIJ",
  });
  expect(read("dns: []")).not.toHaveProperty("slot");
});

test("a patch window is open for two hours, where nothing else is said", () => {
  expect(read('schedule: { patch: { at: "0 3 * * 2" } }')?.schedule).toEqual({
    splayMs: 60_000,
    patch: { at: "0 3 * * 2", windowMs: 7_200_000 },
  });
  expect(read("schedule: {}")?.schedule).toEqual({ splayMs: 60_000 });
});

test("what would keep everybody waiting, or nobody, is refused", () => {
  expect(
    complaints(() =>
      read('slot: { zone: a., name: "", count: 0, expires: 2d }\n    schedule: { patch: { at: daily } }'),
    ),
  ).toEqual([
    'muster.yaml:4:19: roles.web.slot.zone: expected the name of a zone, without a trailing dot, found "a."',
    'muster.yaml:4:29: roles.web.slot.name: expected a name relative to the zone, without a trailing dot, found ""',
    "muster.yaml:4:40: roles.web.slot.count: expected a number from 1 to 50, found the number 0",
    'muster.yaml:4:52: roles.web.slot.expires: expected a duration from 5m to 24h, such as 90s, 5m or 1h30m, found "2d"',
    'muster.yaml:5:30: roles.web.schedule.patch.at: expected five cron fields, such as "*/30 * * * *", found "daily"',
  ]);
});
