import { expect, test } from "vitest";
import { parseSettings } from "../../../src/settings/settings.ts";

function configOf(config: string) {
  const text = `cloud: local\nconfig: { url: "file:///srv/c.git", ${config} }\n`;
  return parseSettings([{ file: "/etc/muster/muster.yaml", text }]).settings.config;
}

test("a ref may say its kind, and config.refs has to allow that kind", () => {
  expect(configOf("ref: heads/main, refs: [main]").ref).toBe("heads/main");
  expect(configOf("ref: main, refs: [heads/*]").refs).toEqual(["heads/*"]);
  expect(() => configOf("ref: tags/v1, refs: [heads/*]")).toThrow("a ref that config.refs allows (heads/*)");
});

test("the id of a commit needs a branch or tag that contains it", () => {
  const ref = `ref: "${"1".repeat(40)}"`;
  expect(() => configOf(ref)).toThrow("config.refs beside the id of a commit");
  expect(configOf(`${ref}, refs: [main]`).refs).toEqual(["main"]);
});

test("config.since is the whole id of a commit, and nothing shorter", () => {
  expect(configOf("ref: main").since).toBeUndefined();
  expect(configOf(`since: "${"1a".repeat(20)}"`).since).toBe("1a".repeat(20));
  for (const since of ["1a2b3c4", "main", `${"1a".repeat(20)}0`, "1A".repeat(20)]) {
    expect(() => configOf(`since: "${since}"`)).toThrow("config.since: expected the whole id of a commit, 40 digits");
  }
});
