import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownState } from "../../../src/run/start.ts";

const root = join(import.meta.dirname, "../../..");

/** Whatever a file of the source calls one of its state files. */
const named = globSync("src/{run,daemon,membership,adapters}/**/*.ts", { cwd: root }).flatMap((path) => {
  const text = readFileSync(join(root, path), "utf8");
  return [...text.matchAll(/\b(?:const|export const) \w*[fF]ile = "([a-z-]+\.json)"/g)].map(([, name = ""]) => name);
});

test("a clone forgets every state file that there is", () => {
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !ownState.includes(name))).toEqual([]);
});

test("a clone forgets the mirror and the worktrees, and what lies beside the mirror", () => {
  const places = ["worktrees", "config.git", "config.git.new", "config.git.aside", "config.git.lock"];
  expect(places.filter((name) => !ownState.includes(name))).toEqual([]);
});

test("docs/lifecycle.md names every one", () => {
  const page = readFileSync(join(root, "docs/lifecycle.md"), "utf8");
  expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
