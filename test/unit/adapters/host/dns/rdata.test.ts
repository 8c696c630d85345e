import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalRdata, quoteText, rdataOf, textOf } from "../../../../../src/adapters/host/dns/rdata.ts";

test("any text comes back from its quotes, and never leaves them or its line", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 700 }), (text) => {
      const quoted = quoteText(text);
      expect(textOf(quoted)).toBe(Buffer.from(text, "utf8").toString("utf8"));
      expect(quoted).toMatch(/^"[^"\n]*"( "[^"\n]*")*$/);
      expect(canonicalRdata("TXT", quoted)).toBe(quoted);
    }),
  );
});

test.each([
  [`"plain"`, `"plain"`],
  [`"a\\"b\\\\c"`, `"a\\034b\\092c"`],
  [`"one" "two"`, `"one" "two"`],
  ["bare", `"bare"`],
])("dig's %s and ours are one form", (printed, canonical) => {
  expect(canonicalRdata("TXT", printed)).toBe(canonical);
});

test.each([
  ["A", "10.0.0.1", "10.0.0.1", "10.0.0.1"],
  ["AAAA", "2001:DB8:0::1", "2001:db8::1", "2001:db8:0:0:0:0:0:1"],
  ["CNAME", "lb.example.net", "lb.example.net.", "LB.example.net."],
] as const)("%s %s is compared in one form, however it is printed", (type, value, canonical, printed) => {
  expect(rdataOf({ type, value })).toBe(canonical);
  expect(canonicalRdata(type, printed)).toBe(canonical);
});
