// Each folder of src opens with a page that says what lives there and what it may import. The pages are held against the
// folders and against the import table.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

import { layers } from "../../../lint/import-table.ts";

const source = resolve(import.meta.dirname, "../../../src");
const folders = foldersIn(source);

describe.for(folders)("src/%s", (folder) => {
  const file = join(source, folder, "README.md");
  const page = existsSync(file) ? readFileSync(file, "utf8") : "";

  test("has a page that is read in a minute", () => {
    expect(page.split("\n").length).toBeGreaterThan(5);
    expect(page.split("\n").length).toBeLessThan(30);
  });

  test("its page names each of its folders, and none that is gone", () => {
    const rows = [...page.matchAll(/^(?:\| |- )((?:`[^`]+`(?:, )?)+)/gm)].flatMap(([, names = ""]) => namesIn(names));
    expect(rows.filter((name) => !name.endsWith(".ts")).toSorted()).toEqual(foldersIn(join(source, folder)));
    const files = rows.filter((name) => name.endsWith(".ts"));
    expect(files.filter((name) => !existsSync(join(source, folder, name)))).toEqual([]);
  });

  test("its page says what the import table says", () => {
    const [, names] = /^It may import: ([^.]*(?:\.ts[^.]*)*)\.$/m.exec(page) ?? [];
    expect(names === "nothing" ? [] : namesIn(names ?? "").toSorted()).toEqual(importsOf(folder));
  });
});

test("the page of a folder is found by these rules", () => {
  expect(folders).toContain("domain");
  expect(importsOf("stages")).toEqual(["src/domain", "src/lib", "src/ports"]);
});

/** What the table lets the folder import; for a folder of layers, what it lets any of them. */
function importsOf(folder: string): readonly string[] {
  const rows = layers.filter(
    ({ path }) => path === `src/${folder}` || path === `src/${folder}/*` || path === `src/${folder}/host`,
  );
  return [...new Set(rows.flatMap(({ own }) => own))].toSorted();
}

function foldersIn(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
