// No regular expression of the product backtracks without bound: what it is given comes from outside, and one text must
// not stop the daemon. A lint rule cannot say so, because how long a pattern takes is seen only by trying it.
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { weaknessOf } from "./attack.ts";

const repository = resolve(import.meta.dirname, "../../..");
const files = globSync("src/**/*.ts", { cwd: repository }).toSorted();

type Found = { readonly place: string; readonly regex: RegExp };

/** The redactor makes its patterns from parts, and has its own test that it is linear as a whole. */
const ofRedactor = /\/(redact|secret|private-keys)[\w-]*\.ts$/;

const parsed = new Map(files.filter((file) => !ofRedactor.test(file)).map((file) => [file, patternsIn(file)]));
const withSome = [...parsed.keys()].filter((file) => parsed.get(file)?.literals.length !== 0);

test("there are patterns to attack", () => expect(withSome.length).toBeGreaterThan(100));

test.each(withSome)("%s", (file) => {
  const weak = (parsed.get(file)?.literals ?? []).flatMap(({ place, regex }) => {
    const weakness = weaknessOf(regex);
    return weakness === undefined ? [] : [`${place}: ${String(regex)} takes too long for ${weakness}`];
  });
  expect(weak).toEqual([]);
});

test("patterns are written, and not made from texts: globs belong to src/domain/glob.ts", () => {
  expect([...parsed.keys()].filter((file) => parsed.get(file)?.makesSome)).toEqual([]);
});

// What proves that an attack finds something: each of these once stood in src.
test.each([
  /^(\S+)\s+(\d+)\s+IN\s+(\S+)\s+(.+)$/,
  /host key for .* has changed/i,
  /^Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) (.*) \[[^\]]*\]\)/,
  /\/+$/,
  /(\d+)(ms|s|m|h|d)/g,
  /^\[[^]*^\]/m,
  /\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*/,
  /^[^]*a.*a.*a.*b$/,
  /^(a+)+$/,
])("%s is found out", (regex) => {
  expect(weaknessOf(regex)).toBeDefined();
});

function patternsIn(file: string): { readonly literals: readonly Found[]; readonly makesSome: boolean } {
  const text = readFileSync(join(repository, file), "utf8");
  const literals: Found[] = [];
  let makesSome = false;
  const judge = ({ callee }: { readonly callee: { readonly type: string; readonly name?: unknown } }): void => {
    if (callee.type === "Identifier" && callee.name === "RegExp") makesSome = true;
  };
  new Visitor({
    Literal(node) {
      if (!("regex" in node)) return;
      const line = text.slice(0, node.start).split("\n").length;
      literals.push({ place: `${file}:${line}`, regex: new RegExp(node.regex.pattern, node.regex.flags) });
    },
    NewExpression: judge,
    CallExpression: judge,
  }).visit(parseSync(file, text).program);
  return { literals, makesSome };
}
