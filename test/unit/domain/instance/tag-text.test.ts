import { assert, property, string, stringMatching, tuple } from "fast-check";
import { expect, test } from "vitest";
import { fitsAny, parseTag, tagText, tagTexts } from "../../../../src/domain/instance/tag-text.ts";

test.each([
  ["ns:pred=value", { key: "ns:pred", value: "value" }],
  ["ns:pred=a=b c", { key: "ns:pred", value: "a=b c" }],
  ["raw", { key: "raw" }],
  ["raw=", { key: "raw", value: "" }],
  ["", undefined],
  ["=value", undefined],
])("%j is %j", (text, tag) => {
  expect(parseTag(text)).toEqual(tag);
});

const key = string({ unit: "grapheme", minLength: 1, maxLength: 128 }).filter((text) => !text.includes("="));
const value = string({ unit: "grapheme", maxLength: 256 });

test("a machine tag of RightScale is a tag of EC2 and comes back as it was", () => {
  const word = stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
  const machineTag = tuple(word, word, string({ unit: "grapheme", minLength: 1, maxLength: 256 }));
  assert(
    property(machineTag, ([namespace, predicate, text]) => {
      const typed = `${namespace}:${predicate}=${text}`;
      const tag = parseTag(typed);
      expect(tag).toEqual({ key: `${namespace}:${predicate}`, value: text });
      expect(tagText(tag?.key ?? "", tag?.value ?? "")).toBe(typed);
    }),
  );
});

test("every tag of EC2 whose key has no = comes back from its line", () => {
  assert(
    property(key, value, (oneKey, oneValue) => {
      const { key: again, value: found = "" } = parseTag(tagText(oneKey, oneValue)) ?? { key: "" };
      expect([again, found]).toEqual([oneKey, oneValue]);
    }),
  );
});

test("a tag fits itself, also with its value left out or replaced by *", () => {
  assert(
    property(key, value, (oneKey, oneValue) => {
      const tags = { [oneKey]: oneValue };
      expect(fitsAny(tags, [{ key: oneKey, value: oneValue }])).toBe(true);
      expect(fitsAny(tags, [{ key: oneKey }, { key: "other" }])).toBe(true);
      expect(fitsAny(tags, [{ key: "*", value: "*" }])).toBe(true);
    }),
  );
});

test.each([
  ["web:*", "x", true],
  ["*:tier", "front", true],
  ["web:tier", "f*t", true],
  ["web:tie", undefined, false],
  ["web.tier", undefined, false],
  ["web:tier", "fron.", false],
  ["web:tier", "", false],
])("{ web:tier: front, web:lb: x } and %s=%s: %s", (wanted, of, fits) => {
  const pattern = of === undefined ? { key: wanted } : { key: wanted, value: of };
  expect(fitsAny({ "web:tier": "front", "web:lb": "x" }, [pattern])).toBe(fits);
});

test("lines come in the order of the keys", () => {
  expect(tagTexts({ b: "2", a: "", "a:c": "3" })).toEqual(["a", "a:c=3", "b=2"]);
});
