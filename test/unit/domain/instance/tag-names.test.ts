import { expect, test } from "vitest";
import { select } from "../../../../src/domain/role/selection.ts";
import type { Settings, TagZone } from "../../../../src/domain/settings/settings.ts";
import { namesIn } from "../../../../src/domain/instance/tag-names.ts";
import { settings as usual, withTags } from "../selected.ts";

const zone: TagZone = { zone: "example.internal", names: ["web-*", "www"], ttl: 30, routing: "multivalue" };

test("a tag names the instance where the settings allow it", () => {
  const { allowed, objections } = namesIn("WEB-7.example.internal., www.example.internal", [zone], "muster:dns");
  const named = { zone: "example.internal", ttl: 30, routing: "multivalue", tag: "muster:dns" };
  expect(allowed).toEqual([
    { ...named, name: "web-7.example.internal" },
    { ...named, name: "www.example.internal" },
  ]);
  expect(objections).toEqual([]);
});

test("a name twice is there once, and one bad name keeps no other out", () => {
  const { allowed, objections } = namesIn("www.example.internal x..y  www.example.internal", [zone], "k");
  expect(allowed.map(({ name }) => name)).toEqual(["www.example.internal"]);
  expect(objections).toEqual(['"x..y" is no DNS name']);
});

test.each([
  ["db.example.internal", /no name that the settings let tags use in example.internal \(web-\*, www\)/],
  ["web-1.a.example.internal", /no name that the settings let tags use/],
  ["example.internal", /no name that the settings let tags use/],
  ["_muster.web-1.example.internal", /begins with _muster/],
  ["_muster-anything.example.internal", /begins with _muster/],
  ["web-1._MUSTER.example.internal", /begins with _muster/],
  ["www.example.com", /in no zone/],
  ["www.badexample.internal", /in no zone/],
  ["*.example.internal", /no DNS name/],
  ["www.example.internal\nevil", /evil.* in no zone/],
  [`${"web-a.".repeat(60)}example.internal`, /no DNS name/],
])("%s is refused", (name, why) => {
  const { objections } = namesIn(name, [zone], "k");
  expect(objections).toHaveLength(1);
  expect(objections[0]).toMatch(why);
});

test.each(["*", "**", "?", "*-*"])(
  "the glob %s lets nobody have the zone itself, nor what muster keeps there",
  (glob) => {
    const wide: TagZone = { ...zone, names: [glob] };
    const taken = ["example.internal", "_muster.www.example.internal", "_muster-slot-1.web-dev.example.internal"];
    const { allowed, objections } = namesIn(taken.join(), [wide], "k");
    expect(allowed).toEqual([]);
    expect(objections).toHaveLength(3);
  },
);

test("the longest zone has the name, and each of several zones of one name", () => {
  const below: TagZone = { ...zone, zone: "a.example.internal", names: ["@", "**"] };
  const split = [
    { ...zone, visibility: "public" },
    { ...zone, visibility: "private", zoneId: "Z1" },
    { ...zone, visibility: "private", zoneId: "Z2" },
  ] as const;
  const zonesOf = (name: string) =>
    namesIn(name, [below, ...split], "k").allowed.map((one) => [one.zone, one.visibility, one.zoneId]);
  expect(zonesOf("a.example.internal")).toEqual([["a.example.internal", undefined, undefined]]);
  expect(zonesOf("x.y.a.example.internal")).toEqual([["a.example.internal", undefined, undefined]]);
  expect(zonesOf("www.example.internal")).toEqual([
    ["example.internal", "public", undefined],
    ["example.internal", "private", "Z1"],
    ["example.internal", "private", "Z2"],
  ]);
});

const tags = { "muster:role": "web", "muster:dns": "www.example.internal, evil.example.com", "muster:weight": "25" };
const aws: Settings = { ...usual, cloud: "aws", dns: { zones: [zone] } };

test("names and weight need trust, and are refused without it", () => {
  const { names, weight, refused } = select(aws, withTags(tags), {});
  expect([names, weight]).toEqual([undefined, undefined]);
  expect(refused.map(({ key }) => key)).toEqual(["muster:dns", "muster:weight"]);
});

test("with trust the names count that the settings allow, and the others are refused one by one", () => {
  const trusting: Settings = { ...aws, tags: { prefix: "muster:", trust: ["role", "dns", "weight"] } };
  const { names, weight, refused } = select(trusting, withTags(tags), {});
  expect(names?.map(({ name, tag }) => [name, tag])).toEqual([["www.example.internal", "muster:dns"]]);
  expect(weight).toEqual({ value: 25, from: "tag muster:weight" });
  expect(refused).toEqual([{ key: "muster:dns", why: expect.stringContaining("evil.example.com") as unknown }]);
});

test.each(["", "256", "-1", "1.5", "1e1", "ten", " 5"])(
  "the weight %j is none, and the one of the catalogue does not take its place",
  (value) => {
    const trusting: Settings = { ...aws, tags: { prefix: "muster:", trust: ["role", "weight"] } };
    expect(() => select(trusting, withTags({ "muster:role": "web", "muster:weight": value }), {})).toThrow(
      `The tag muster:weight has the value ${JSON.stringify(value)}, which is not a number from 0 to 255`,
    );
  },
);

test("where DNS knows no weights, a weight is refused", () => {
  const local: Settings = { ...usual, tags: { prefix: "muster:", trust: ["role", "weight"] } };
  const { weight, refused } = select(local, withTags({ "muster:role": "web", "muster:weight": "5 " }), {});
  expect(weight).toBeUndefined();
  expect(refused).toEqual([{ key: "muster:weight", why: "the DNS servers of cloud: local know no weights" }]);
});
