import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { startTypes } from "../../../src/domain/start-type.ts";
import { instanceStates } from "../../../src/domain/status.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../../docs/lifecycle.md"), "utf8");

/** The first column of the table under a heading. */
function named(heading: string): readonly string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = ""]) => name);
}

test("docs/lifecycle.md tells of every state and every start type, and of no other", () => {
  expect(new Set(named("States"))).toEqual(new Set(instanceStates));
  expect(new Set(named("Starts"))).toEqual(new Set(startTypes));
});

test("docs/lifecycle.md draws every state", () => {
  const diagram = /```mermaid\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  for (const state of instanceStates) expect(diagram).toContain(state.replaceAll("-", "_"));
});
