import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { transitions } from "../../../src/domain/instance/transitions.ts";
import { startTypes } from "../../../src/domain/instance/start-type.ts";
import { instanceStates } from "../../../src/domain/instance/state.ts";

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

const diagram = /```mermaid\n([\s\S]*?)```/.exec(page)?.[1] ?? "";

test("docs/lifecycle.md draws every state, and every usual change between two", () => {
  for (const state of instanceStates) expect(diagram).toContain(state.replaceAll("-", "_"));
  for (const { from, to, why } of transitions.filter((each) => each.from !== each.to && !each.rare)) {
    const arrow = `${from} --> ${to}: `.replaceAll("-", "_").replace("__>", "-->");
    const line = diagram.split("\n").find((each) => each.trim().startsWith(arrow));
    expect(line, arrow).toContain(why);
  }
});

test.each([
  ["rebooting --> held: ", ["did not come"]],
  ["out_of_service --> held: ", ["on the way back"]],
  ["in_service --> leaving: ", ["drain", "power-off", "notice", "failing checks", "patch window"]],
])("docs/lifecycle.md draws %s", (arrow, reasons) => {
  const line = diagram.split("\n").find((each) => each.includes(arrow));
  for (const reason of reasons) expect(line).toContain(reason);
});

test("the labels are ones that Mermaid reads: no colon, no semicolon", () => {
  for (const { why } of transitions) expect(why).not.toMatch(/[:;|]/);
});
