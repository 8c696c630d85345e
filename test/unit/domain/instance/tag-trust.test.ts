import { expect, test } from "vitest";
import { isTrusted } from "../../../../src/domain/settings/settings.ts";
import { keysIn, refuseUntrusted, tagUsesOf } from "../../../../src/domain/instance/tag-trust.ts";
import { readCatalogue } from "../../../../src/settings/catalogue.ts";

const text = `version: 1
roles:
  web:
    register:
      - { targetGroup: { tag: { key: team, value: "{tag.a}" } }, port: 80 }
      - { classicLoadBalancer: "{tag.b}" }
    dns: [{ zone: "{tag.c}.example", name: "{role}-{tag.d}", type: TXT, value: "{tag.e:f}", routing: weighted, healthCheck: "{tag.g}" }]
    slot: { zone: "{tag.h}", name: "{tag.i}-{tag.a}" }
`;

function web() {
  const role = readCatalogue(text, "muster.yaml").catalogue.roles["web"];
  if (role === undefined) throw new Error("no role");
  return role;
}

test("every template of a role is looked at", () => {
  expect(tagUsesOf(web()).map(({ key, path }) => `${key} ${path.join(".")}`)).toEqual([
    "a register.0.targetGroup",
    "b register.1.classicLoadBalancer",
    "c dns.0.zone",
    "d dns.0.name",
    "e:f dns.0.value",
    "g dns.0.healthCheck",
    "h slot.zone",
    "i slot.name",
    "a slot.name",
  ]);
});

test("one that the settings do not trust is refused with its place", () => {
  const all = ["role", "tag.a", "tag.b", "tag.c", "tag.d", "tag.e:f", "tag.g", "tag.h", "tag.i"] as const;
  refuseUntrusted(web(), all);
  expect(() =>
    refuseUntrusted(
      web(),
      all.filter((word) => word !== "tag.e:f"),
    ),
  ).toThrow(
    expect.objectContaining({
      code: "tag-untrusted",
      message: expect.stringContaining("Role web uses {tag.e:f} in dns[0].value") as unknown,
      hint: expect.stringContaining("Add tag.e:f to tags.trust") as unknown,
    }),
  );
  // The word that lets a tag choose the role says nothing about a tag of that key.
  expect(keysIn(all)).not.toContain("role");
});

test.each(["tag.", "tag", "tags.host", "host", "tag.{x}", `tag.${"x".repeat(129)}`])(
  "%s is nothing to trust",
  (word) => {
    expect(isTrusted(word)).toBe(false);
  },
);
