// Commands are started in three places alone, and both libraries are loaded when the first command or question needs them.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");
const sources = globSync("src/**/*.ts", { cwd: repository }).map((file) => ({
  file,
  text: readFileSync(resolve(repository, file), "utf8"),
}));

test.each([
  ["execa", "src/adapters/host/exec.ts"],
  ["simple-git", "src/adapters/git/ask.ts"],
  // flock(1) locks a descriptor that it inherits, before anything else may happen.
  ["node:child_process", "src/adapters/host/run-lock.ts"],
])("%s is named by %s alone", (module, file) => {
  expect(sources.flatMap((source) => (source.text.includes(`"${module}"`) ? [source.file] : []))).toEqual([file]);
});

test("neither library is loaded with the file that uses it", () => {
  const early = /^import (?!type )[^;]*from "(execa|simple-git)";/m;
  expect(sources.filter(({ text }) => early.test(text)).map(({ file }) => file)).toEqual([]);
  expect(early.test('import { execa } from "execa";')).toBe(true);
  expect(early.test('import type { execa as Execa } from "execa";')).toBe(false);
});
