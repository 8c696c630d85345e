import { expect, test } from "vitest";
import { plain } from "../../../src/settings/tree.ts";
import { parseYaml } from "../../../src/settings/yaml.ts";

function complaintsOf(text: string): readonly string[] {
  return parseYaml({ file: "f", text }).problems.map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

test.each([
  ["a tab as indentation", "a:\n\tb: 1\n", "2:1: expected spaces to indent with, found a tab"],
  ["a NUL byte", "a: 1\nb: \0\n", "2:4: expected text, found the control character U+0000"],
  ["an escape sequence", "a: \u001b[31m\n", "1:4: expected text, found the control character U+001B"],
  ["bytes that are no UTF-8", "a: 1\r\nb: \uFFFD\n", "2:4: expected UTF-8, found a byte that is none"],
  ["a second document", "a: 1\n---\nb: 1\n", "2:1: expected one document, found a second one"],
  ["a key twice", "a: 1\nb: 2\na: 3\n", '3:1: expected every key once, found "a" again (first at 1:1)'],
  [
    "a key twice, written differently",
    "a: 1\n'a': 3\n",
    '2:1: expected every key once, found "a" again (first at 1:1)',
  ],
  ["__proto__", "a: { __proto__: { b: 1 } }\n", "1:6: expected another key, found __proto__"],
  ["a number as a key", "80: a\n", "1:1: expected text as a key, found 80; put it in quotes"],
  ["a list as a key", "? [a]\n: 1\n", "1:3: expected text as a key, found a list, a map or an alias"],
  ["an alias without an anchor", "a: *b\n", "1:4: expected an anchor that stands before it, found *b"],
  ["an alias inside its own anchor", "a: &x [*x]\n", "1:8: expected an anchor that stands before it, found *x"],
  [
    "a tag of another schema",
    "a: !!binary aGk=\n",
    "1:4: expected valid YAML: Unresolved tag: tag:yaml.org,2002:binary",
  ],
  [
    "an unclosed bracket",
    "a: [1, 2\n",
    "2:1: expected valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
  ],
])("%s is one clear error", (_what, text, expected) => {
  expect(complaintsOf(text)).toEqual([expected]);
});

test.each([
  ["a large file", "a: ".padEnd(1024 * 1024 + 1, "x"), "1:1: expected at most 1 MiB, found a larger file"],
  ["many symbols", "- a\n".repeat(100_000), /^\d+:\d+: expected at most 200000 symbols, found a larger document$/],
  ["deep brackets", "[".repeat(50_000), /^1:\d+: expected at most 64 levels, found deeper nesting$/],
  ["deep lists", "- ".repeat(50_000), /^1:\d+: expected at most 64 levels, found deeper nesting$/],
  ["deep keys", "? ".repeat(50_000), /^1:\d+: expected at most 64 levels, found deeper nesting$/],
  ["aliases that multiply", bomb(10), "5:9: expected at most 100000 values, found more with the aliases followed"],
  ["aliases that nest", chain(80), "65:11: expected at most 64 levels, found more with the aliases followed"],
  ["garbage", "}".repeat(20_000), '1:1: expected valid YAML: Unexpected flow-map-end token in YAML document: "}"'],
])("%s ends soon, with one error", (_what, text, expected) => {
  const [found, ...others] = complaintsOf(text);
  expect(others).toEqual([]);
  if (typeof expected === "string") expect(found).toBe(expected);
  else expect(found).toMatch(expected);
});

test("what a document holds is what YAML 1.2 says it is", () => {
  const text = `
yes: yes
off: off
octal: 0644
"1": 1.10
empty:
date: 2026-11-21
anchor: &a { b: 1 }
alias: *a
constructor: x
long: >-
  two
  lines
`;
  const { tree, problems } = parseYaml({ file: "f", text });
  expect(problems).toEqual([]);
  expect(plain(tree)).toEqual({
    yes: "yes",
    off: "off",
    octal: 644,
    "1": 1.1,
    empty: null,
    date: "2026-11-21",
    anchor: { b: 1 },
    alias: { b: 1 },
    constructor: "x",
    long: "two lines",
  });
});

test.each([
  ["nothing", ""],
  ["a comment", "# to do\n"],
  ["a byte order mark", "\uFEFF"],
  ["an empty document", "---\n...\n"],
])("%s is an empty map", (_what, text) => {
  const { tree, problems } = parseYaml({ file: "f", text });
  expect([plain(tree), problems]).toEqual([{}, []]);
});

function bomb(levels: number): string {
  const lines = Array.from(
    { length: levels },
    (_, n) =>
      `x${n}: &x${n} [${Array(10)
        .fill(n === 0 ? "a" : `*x${n - 1}`)
        .join(", ")}]`,
  );
  return `${lines.join("\n")}\n`;
}

function chain(levels: number): string {
  const lines = Array.from({ length: levels }, (_, n) => `x${n}: &x${n} [${n === 0 ? "a" : `*x${n - 1}`}]`);
  return `${lines.join("\n")}\n`;
}
