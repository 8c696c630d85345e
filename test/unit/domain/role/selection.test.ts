import { expect, test } from "vitest";
import { select, writtenTags } from "../../../../src/domain/role/selection.ts";
import type { Tags } from "../../../../src/domain/instance/instance.ts";
import type { Settings } from "../../../../src/domain/settings/settings.ts";
import { settings as trusting, withTags } from "../selected.ts";

test("a trusted tag beats the settings, the command line beats both", () => {
  const settings = { ...trusting, defaults: { role: "db", environment: "prod" } };
  const identity = withTags({ "muster:role": "web", "muster:environment": "dev", "muster:ref": "release/7" });
  expect(select(settings, identity, {})).toEqual({
    role: { value: "web", from: "tag muster:role" },
    environment: { value: "dev", from: "tag muster:environment" },
    ref: { value: "release/7", from: "tag muster:ref" },
    refused: [],
  });
  expect(select(settings, identity, { role: "cache", ref: "next" })).toMatchObject({
    role: { value: "cache", from: "command line" },
    ref: { value: "next", from: "command line" },
  });
});

test("without tags the settings say it, and which line of them is named", () => {
  const settings = { ...trusting, defaults: { role: "db" } };
  const provenance = new Map([["defaults.role", "/etc/muster/muster.yaml:4:13"]]);
  expect(select(settings, withTags({}), {}, provenance)).toEqual({
    role: { value: "db", from: "settings /etc/muster/muster.yaml:4:13" },
    environment: { value: "default", from: "default" },
    ref: { value: "main", from: "default" },
    refused: [],
  });
});

test("a tag that the settings do not trust is ignored and said", () => {
  const settings: Settings = {
    ...trusting,
    tags: { prefix: "muster:", trust: ["environment"] },
    defaults: { role: "db" },
  };
  const selection = select(settings, withTags({ "muster:role": "web", "muster:ref": "evil" }), {});
  expect(selection.role.value).toBe("db");
  expect(selection.ref.value).toBe("main");
  expect(selection.refused).toEqual([
    { key: "muster:ref", why: "the settings do not trust it (tags.trust: [environment])" },
    { key: "muster:role", why: "the settings do not trust it (tags.trust: [environment])" },
  ]);
});

test("a tag that steers nothing is ignored and said; a tag without the prefix is nobody's business", () => {
  const tags = {
    "muster:role": "web",
    "muster:repo": "https://evil/",
    "muster:Role": "db",
    "muster:": "",
    Name: "x",
    role: "db",
  };
  const { role, refused } = select(trusting, withTags(tags), {});
  expect(role.value).toBe("web");
  expect(refused).toEqual([
    { key: "muster:", why: "tags can steer role, environment, ref, dns, weight, pause and nothing else" },
    {
      key: "muster:Role",
      why: 'tags can steer role, environment, ref, dns, weight, pause and nothing else; did you mean "role"?',
    },
    { key: "muster:repo", why: "tags can steer role, environment, ref, dns, weight, pause and nothing else" },
  ]);
});

test("the tags that muster writes steer nothing and are no offence", () => {
  const written = Object.fromEntries(writtenTags.map((name) => [`muster:${name}`, "x"]));
  expect(select(trusting, withTags({ ...written, "muster:role": "web" }), {}).refused).toEqual([]);
});

/** What select says of these tags where the settings have something to fall back to. */
function selecting(tags: Tags, settings: Settings = trusting): () => unknown {
  return () => select({ ...settings, defaults: { role: "db", environment: "prod" } }, withTags(tags), {});
}

test.each(["", "../../etc", "-x", "a b", "a\nb", "a\0b", "a..b", "a/b", "x".repeat(64), "\u202Eweb", "röle"])(
  "the role %j is no name, and nothing takes its place",
  (value) => {
    expect(selecting({ "muster:role": value })).toThrow(
      expect.objectContaining({
        code: "tag-malformed",
        message: expect.stringMatching(
          /^The tag muster:role has the value ".*", which is not letters\P{C}*$/su,
        ) as unknown,
      }),
    );
  },
);

test("an environment that is no name is said in quotes", () => {
  expect(selecting({ "muster:environment": "Büro 1" })).toThrow(
    'The tag muster:environment has the value "Büro 1", which is not letters',
  );
});

test("what the command line says instead needs no tag", () => {
  const tags = { "muster:role": "a b", "muster:ref": "v1.4 ", "muster:environment": "dev" };
  const { role, ref } = select(trusting, withTags(tags), { role: "web", ref: "main" });
  expect([role.value, ref.value]).toEqual(["web", "main"]);
});

test.each([
  "",
  "-x",
  "a..b",
  "a b",
  "a\nb",
  "main:other",
  "a^",
  "a~1",
  "@{1}",
  "a//b",
  "/a",
  "a/",
  ".a",
  "a/.b",
  "a.lock",
  "a*",
  "v1.4 ",
])("the ref %j is no name, and the head of main does not take its place", (value) => {
  expect(selecting({ "muster:ref": value })).toThrow(
    expect.objectContaining({
      code: "tag-malformed",
      message: expect.stringContaining(`has the value ${JSON.stringify(value.replace("\n", "\u{FFFD}"))}`) as unknown,
    }),
  );
});

test("a bad value on the command line is an error, never ignored", () => {
  expect(() => select(trusting, withTags({}), { role: "../x" })).toThrow(
    expect.objectContaining({
      code: "usage-invalid-selection",
      message: expect.stringContaining('--role "../x"') as unknown,
    }),
  );
});

test("no role is an error that says what to set, and which tag was ignored", () => {
  expect(() => select(trusting, withTags({}), {})).toThrow(
    expect.objectContaining({
      code: "role-missing",
      hint: "Set the tag muster:role, or defaults.role in the settings.",
    }),
  );
  const distrusting: Settings = { ...trusting, tags: { prefix: "muster:", trust: [] } };
  expect(() => select(distrusting, withTags({ "muster:role": "web" }), {})).toThrow(
    expect.objectContaining({
      message:
        "Nothing says which role this instance has: the tag muster:role was ignored (the settings do not trust it (tags.trust: []))",
      hint: "Set defaults.role in the settings.",
    }),
  );
});
