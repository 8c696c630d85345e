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

test("typical mistakes", () => {
  const text = `id: 5\nname: web\naddresses: [10.0.0]\ntags: { a: 5, ${"k".repeat(129)}: x, b: ${"v".repeat(257)} }\n`;
  expect(complaints(() => parseInstanceFile(text, "i.yaml"))).toEqual([
    "i.yaml:1:1: zone: missing, expected the name of a zone: letters, digits, dots, dashes, underscores",
    "i.yaml:1:5: id: expected an instance id: letters, digits, dots, dashes, underscores, found the number 5; put it in quotes",
    'i.yaml:2:1: unknown key "name", expected id, zone, region, account, addresses, hostname, tags',
    'i.yaml:3:13: addresses[0]: expected an IP address, found "10.0.0"',
    "i.yaml:4:12: tags.a: expected text, found the number 5; put it in quotes",
    `i.yaml:4:15: tags: expected at most 128 characters as a key, found "${"k".repeat(80)}…"`,
    `i.yaml:4:152: tags.b: expected text of at most 256 characters, found "${"v".repeat(80)}…"`,
  ]);
});
