// Holds every file of `src` against one rule: no file may reach itself through static imports, types included.
// A circle means that its files cannot be read, moved or tested one by one.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { dirname, join as joinPosix } from "node:path/posix";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

test("no file of src reaches itself through its imports", () => {
  const files = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `src/${file}`);
  expect(files.length).toBeGreaterThan(300);
  const graph = new Map(
    files.map((file) => [file, importsOf(file, readFileSync(join(repository, file), "utf8"))] as const),
  );
  expect(circlesIn(graph)).toEqual([]);
});

test("a circle is found whatever ties it, and told as the way round", () => {
  const texts = {
    "src/a.ts": 'import { b } from "./folder/b.ts";',
    "src/folder/b.ts": 'export * from "./c.ts";\nimport type { D } from "../d.ts";',
    "src/folder/c.ts": 'import type { A } from "../a.ts";',
    "src/d.ts": 'export const load = () => import("./a.ts");',
    "src/e.ts": 'export type F = import("./f.ts").F;',
    "src/f.ts": 'import "./e.ts";',
  };
  const graph = new Map(Object.entries(texts).map(([file, text]) => [file, importsOf(file, text)] as const));
  expect(circlesIn(graph)).toEqual([
    "src/a.ts -> src/folder/b.ts -> src/folder/c.ts -> src/a.ts",
    "src/e.ts -> src/f.ts -> src/e.ts",
  ]);
});

/** The files of `src` that a file names in static imports, re-exports and type queries. A dynamic import is none of them. */
function importsOf(file: string, text: string): readonly string[] {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  const queries = text.matchAll(/\bimport\("([^"]+)"\)(?=\.)/g);
  const named = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...[...queries].flatMap(([, specifier]) => specifier ?? []),
  ];
  return [...new Set(named)]
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => joinPosix(dirname(file), specifier));
}

/** One way round for each file that a search comes back to. */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  function visit(file: string, way: readonly string[]): void {
    const at = way.indexOf(file);
    if (at !== -1) {
      circles.push([...way.slice(at), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  }
  for (const file of graph.keys()) visit(file, []);
  return circles;
}
