// The glossary of ARCHITECTURE.md: its names exist, each word stands there once, and no port or noun of the domain is left out.
import { globSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

const read = (file: string): string => readFileSync(resolve(repository, file), "utf8");

const [, section = ""] = read("ARCHITECTURE.md").split("\n## Glossary\n");
const rows = (section.split("\n## ")[0] ?? "")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| word"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, word = "", meaning = "", where = ""]) => ({ word: word.replaceAll("*", ""), meaning, where }));
const names = new Set(rows.flatMap(({ where }) => [...where.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name)));

const sources = globSync("src/**/*.ts", { cwd: repository }).map((file) => ({ file, text: read(file) }));
const exported = (text: string): readonly string[] =>
  [...text.matchAll(/^export (?:interface|type|async function|function|const) (\w+)/gm)].map(([, name = ""]) => name);
const types = (text: string): readonly string[] =>
  [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name = ""]) => name);
const declared = new Set(sources.flatMap(({ text }) => exported(text)));

test("each word has a row, a meaning and a place in the code, once", () => {
  expect(rows.length).toBeGreaterThan(80);
  expect(rows.filter(({ meaning, where }) => meaning === "" || where === "")).toEqual([]);
  const words = rows.map(({ word }) => word);
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  expect([...names].filter((name) => !declared.has(name))).toEqual([]);
});

test("every port stands in it", () => {
  const ports = sources.filter(({ file }) => file.startsWith("src/ports/"));
  const missing = ports.filter(({ text }) => !exported(text).some((name) => names.has(name)));
  expect(missing.map(({ file }) => file)).toEqual([]);
});

/** No nouns of the domain: how texts, files and values are read and written. */
const technical: ReadonlySet<string> = new Set(["build-info.ts", "canonical.ts", "environment.ts", "guards.ts"]);

test("every noun of the domain stands in it", () => {
  const domain = sources.filter(({ file }) => file.startsWith("src/domain/") && !technical.has(basename(file)));
  const missing = domain.filter(({ text }) => types(text).length > 0 && !types(text).some((name) => names.has(name)));
  expect(missing.map(({ file }) => file)).toEqual([]);
});
