// No regular expression of the product backtracks without bound: what it is given comes from outside, and one text must
// not stop the daemon. scslre finds quantifiers that take each other's characters, and starts that are tried anew at each
// place, by looking at the pattern: no text is tried and no time is taken.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { analyse } from "scslre";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");
const parsed = globSync("src/**/*.ts", { cwd: repository }).toSorted().map(patternsIn);
const literals = parsed.flatMap((file) => file.literals);

test("there are patterns to look at", () => expect(literals.length).toBeGreaterThan(300));

test("no pattern takes more than linear time", () => {
  expect(literals.flatMap(({ place, regex }) => (isSuperLinear(regex) ? [`${place}: ${String(regex)}`] : []))).toEqual(
    [],
  );
});

test("patterns are written, and not made from texts: globs belong to src/domain/text/glob.ts", () => {
  const redactor = /\/(redact|secret|private-keys)[\w-]*\.ts$/;
  expect(parsed.filter(({ file, makesSome }) => makesSome && !redactor.test(file)).map(({ file }) => file)).toEqual([]);
});

// What proves that something is found: most of these once stood in src.
test.each([/^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.+)$/, /\/+$/, /(\d+)(ms|s|m|h|d)/g, /^[^]*a.*a.*a.*b$/, /^(a+)+$/, /:.*$/])(
  "%s is found out",
  (regex) => {
    expect(isSuperLinear(regex)).toBe(true);
  },
);

function isSuperLinear(regex: RegExp): boolean {
  return analyse(regex).reports.length > 0;
}

function patternsIn(file: string) {
  const text = readFileSync(join(repository, file), "utf8");
  const found: { readonly place: string; readonly regex: RegExp }[] = [];
  let makesSome = false;
  const judge = ({ callee }: { readonly callee: { readonly type: string; readonly name?: unknown } }): void => {
    if (callee.type === "Identifier" && callee.name === "RegExp") makesSome = true;
  };
  new Visitor({
    Literal(node) {
      if (!("regex" in node)) return;
      const line = text.slice(0, node.start).split("\n").length;
      found.push({ place: `${file}:${line}`, regex: new RegExp(node.regex.pattern, node.regex.flags) });
    },
    NewExpression: judge,
    CallExpression: judge,
  }).visit(parseSync(file, text).program);
  return { file, literals: found, makesSome };
}
