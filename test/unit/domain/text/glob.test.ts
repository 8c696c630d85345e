import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesPath, matchesText } from "../../../../src/domain/text/glob.ts";

const letter = fc.constantFrom("a", "b", "/", ".", "é", "🙂");
const text = fc.string({ unit: letter, maxLength: 12 });
const part = fc.oneof(letter, fc.constantFrom("*", "**", "?"));

/** Patterns beside texts: half of them any text, half of them what the pattern may have been made from. */
const pair = fc
  .array(fc.record({ part, piece: fc.string({ unit: letter, maxLength: 2 }) }), { maxLength: 8 })
  .chain((made) =>
    fc.record({
      pattern: fc.constant(made.map((each) => each.part).join("")),
      path: fc.oneof(text, fc.constant(made.map(({ part, piece }) => (/[*?]/.test(part) ? piece : part)).join(""))),
    }),
  );

/** The words of the documentation, tried one by one: right for short texts, and hopeless for long ones. */
function slowly(glob: readonly string[], path: readonly string[], separator: string | undefined): boolean {
  const [part, ...rest] = glob;
  const [first, ...others] = path;
  if (part === undefined) return first === undefined;
  const isSeparator = separator !== undefined && first === separator;
  if (part === "*" || part === "**") {
    if (slowly(rest, path, separator)) return true;
    return first !== undefined && (part === "**" || !isSeparator) && slowly(glob, others, separator);
  }
  if (first === undefined) return false;
  const fits = part === "?" && separator !== undefined ? !isSeparator : part === first;
  return fits && slowly(rest, others, separator);
}

/** How many random inputs each of the three comparisons takes; a million in all by hand: GLOB_RUNS=350000. */
const numRuns = Number(process.env["GLOB_RUNS"] ?? 1_000);
const timeout = 20_000 + numRuns;

describe("matchesText", () => {
  it(
    "says what the documentation says",
    () => {
      fc.assert(
        fc.property(pair, ({ pattern: glob, path }) => {
          expect(matchesText(glob, path)).toBe(slowly(Array.from(glob), Array.from(path), undefined));
        }),
        { numRuns },
      );
    },
    timeout,
  );

  it.each([
    ["", "", true],
    ["*", "", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["*ab*b", "abb", true],
    ["*ab*b", "ab", false],
    ["k.*", "kx", false],
  ])("%s and %s: %s", (glob, path, fits) => expect(matchesText(glob, path)).toBe(fits));
});

describe("matchesPath", () => {
  it.each(["/", "."] as const)(
    "says what the documentation says, with %s between",
    (separator) => {
      fc.assert(
        fc.property(pair, ({ pattern: glob, path }) => {
          const parts = [...glob.matchAll(/\*\*|[^]/gu)].map(([part]) => part);
          expect(matchesPath(glob, path, separator)).toBe(slowly(parts, Array.from(path), separator));
        }),
        { numRuns },
      );
    },
    timeout,
  );
});

// What took the daemon minutes: every way to divide the text among the stars was tried.
describe("a pattern of many stars against a long text", () => {
  const stars = `${"*a".repeat(64)}*b`;

  it.each([
    ["matchesText", () => matchesText(stars, "a".repeat(1_024))],
    ["matchesPath with *", () => matchesPath(stars, "a".repeat(1_024), "/")],
    ["matchesPath with **", () => matchesPath(stars.replaceAll("*", "**"), "a/".repeat(512), "/")],
    ["matchesPath with both", () => matchesPath("**a*".repeat(64), `${"a".repeat(1_024)}b/c`, "/")],
  ])("%s answers at once", (_name, work) => {
    const begin = performance.now();
    work();
    expect(performance.now() - begin).toBeLessThan(1_000);
  });
});
