import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

// An adapter cannot know whether somebody tries again: nobody does for a command by hand without a daemon. The views
// say it where it is true.
test("no hint of an adapter promises another try", () => {
  const files = globSync("src/adapters/**/*.ts").filter((file) => readFileSync(file, "utf8").includes("hint:"));
  expect(files.length).toBeGreaterThan(30);
  const promises = files.flatMap((file) =>
    readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line) && /["`].*\b(tried|tries|try) again\b/i.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(promises).toEqual([]);
});
