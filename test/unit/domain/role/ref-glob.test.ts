import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCommitId, matchesRefGlob } from "../../../../src/domain/role/ref-glob.ts";

const name = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "+", "-", "(", "$"), maxLength: 12 });

describe("matchesRefGlob", () => {
  it.each([
    ["main", "main", true],
    ["main", "main2", false],
    ["main", "amain", false],
    ["release/*", "release/1.0", true],
    ["release/*", "release/1.0/x", false],
    ["release/*", "release/", true],
    ["release/**", "release/1.0/x", true],
    ["*", "a/b", false],
    ["**", "a/b", true],
    ["v?", "v1", true],
    ["v?", "v/", false],
    ["v1.0", "v1x0", false],
    ["a+(b)", "a+(b)", true],
    ["[ab]", "a", false],
    ["", "a", false],
  ])("%s and %s: %s", (glob, name, fits) => {
    expect(matchesRefGlob(glob, name)).toBe(fits);
  });

  it("takes text without wildcards for itself alone", () => {
    fc.assert(fc.property(name, name, (glob, text) => matchesRefGlob(glob, text) === (glob === text)));
  });

  it("never lets a single star across a slash", () => {
    fc.assert(
      fc.property(name, name, name, (head, middle, tail) => {
        return matchesRefGlob(`${head}*${tail}`, `${head}${middle}${tail}`) === !middle.includes("/");
      }),
    );
  });

  it("lets two stars stand for anything", () => {
    fc.assert(fc.property(name, name, (head, rest) => matchesRefGlob(`${head}**`, `${head}${rest}`)));
  });
});

describe("isCommitId", () => {
  it.each([
    ["1234567", true],
    ["123456", false],
    ["a".repeat(40), true],
    ["a".repeat(41), false],
    ["ABCDEF0", false],
    ["main", false],
  ])("%s: %s", (text, is) => expect(isCommitId(text)).toBe(is));
});
