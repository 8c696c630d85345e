import { expect, test } from "vitest";
import { parseInstanceFile } from "../../../src/settings/instance-file.ts";
import { complaints } from "./complaints.ts";

test("what the file says, and what follows from it", () => {
  const text = 'id: i-0a1b2c3d4e5f60718\nzone: local-a\ntags: { "muster:role": web, "muster:environment": dev }\n';
  expect(parseInstanceFile(text, "instance.yaml")).toEqual({
    id: "i-0a1b2c3d4e5f60718",
    zone: "local-a",
    region: "local",
    account: "local",
    tags: { "muster:role": "web", "muster:environment": "dev" },
  });
});

test("addresses are told apart by family and keep their order", () => {
  const text = "id: a\nzone: b\nregion: c\naccount: d\nhostname: e.f\naddresses: [10.0.0.9, FD00::1, 10.0.0.1]\n";
  expect(parseInstanceFile(text, "instance.yaml")).toEqual({
    id: "a",
    zone: "b",
    region: "c",
    account: "d",
    hostname: "e.f",
    addresses: { ipv4: ["10.0.0.9", "10.0.0.1"], ipv6: ["fd00::1"] },
    tags: {},
  });
});

test("notices are told one by one, their times in UTC", () => {
  const text =
    "id: a\nzone: b\nnotices:\n  spot: { at: 2026-11-21T10:02:00+02:00 }\n  maintenance:\n    - { id: m-1, notBefore: 2026-11-28T09:00Z, state: canceled }\n";
  expect(parseInstanceFile(text, "instance.yaml").notices).toEqual([
    { kind: "spot", action: "terminate", at: "2026-11-21T08:02:00.000Z" },
    {
      kind: "maintenance",
      id: "m-1",
      code: "system-maintenance",
      text: "scheduled maintenance",
      notBefore: "2026-11-28T09:00:00.000Z",
      state: "canceled",
    },
  ]);
});

test.each(["soon", "2026-11-21", "2026-13-41T00:00:00Z", "9", "21 Nov 2026 08:02:00 GMT"])("%s is no time", (at) => {
  const text = `id: a\nzone: b\nnotices: { spot: { at: "${at}" } }\n`;
  expect(complaints(() => parseInstanceFile(text, "i.yaml"))).toEqual([
    `i.yaml:3:24: notices.spot.at: expected a time such as 2026-11-21T08:02:00Z, found "${at}"`,
  ]);
});

test("typical mistakes", () => {
  const text = `id: 5\nname: web\naddresses: [10.0.0]\ntags: { a: 5, ${"k".repeat(129)}: x, b: ${"v".repeat(257)} }\n`;
  expect(complaints(() => parseInstanceFile(text, "i.yaml"))).toEqual([
    "i.yaml:1:1: zone: missing, expected the name of a zone: letters, digits, dots, dashes, underscores",
    "i.yaml:1:5: id: expected an instance id: letters, digits, dots, dashes, underscores, found the number 5; put it in quotes",
    'i.yaml:2:1: unknown key "name", expected id, zone, region, account, addresses, hostname, tags, notices',
    'i.yaml:3:13: addresses[0]: expected an IP address, found "10.0.0"',
    "i.yaml:4:12: tags.a: expected text, found the number 5; put it in quotes",
    `i.yaml:4:15: tags: expected at most 128 characters as a key, found "${"k".repeat(80)}…"`,
    `i.yaml:4:152: tags.b: expected text of at most 256 characters, found "${"v".repeat(80)}…"`,
  ]);
});
