import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimFile, stateDirectories, stateFileNames } from "../../../src/domain/settings/own-state.ts";
import { resetState } from "../../../src/run/start/start.ts";
import { createFakeStateFiles } from "../../fakes/state-files.ts";

const root = join(import.meta.dirname, "../../..");

test("a clone forgets every state file, a newer binary's too, every run and worktree and the mirror; the claim last", async () => {
  const inside = stateDirectories.map((name) => `${name}/file`);
  const files = createFakeStateFiles(
    Object.fromEntries([...stateFileNames, ...inside, "of-a-newer-binary.json"].map((name) => [name, "{}"])),
  );
  const removed: string[] = [];
  await resetState({ ...files, remove: (name) => (removed.push(name), files.remove(name)) });
  expect([...files.texts.keys()]).toEqual([]);
  expect(removed.at(-1)).toBe(claimFile);
});

test("the mirror has its companions beside it", () => {
  const places = ["worktrees", "config.git", "config.git.new", "config.git.aside", "config.git.lock"];
  expect(stateDirectories).toEqual(expect.arrayContaining(places));
});

test("docs/lifecycle.md names every one", () => {
  const page = readFileSync(join(root, "docs/lifecycle.md"), "utf8");
  expect(stateFileNames.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
