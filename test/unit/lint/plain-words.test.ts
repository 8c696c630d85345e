// Words that cost a second reading, and names that were given up. The glossary of ARCHITECTURE.md has those in use.
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../../..");

const prose = ["src/**/*.ts", "docs/*.md", "scripts/**/*.ts", "examples/**/*.{pp,yaml,md}", "*.md"];
const code = ["src/**/*.ts", "test/**/*.ts"];

/** History keeps its words. */
const history: readonly string[] = ["CHANGELOG.md"];

test.each([
  ["whoever, whom", /\b(whoever|whomever|whom)\b/i],
  ["nobody … of it", /\bnobody\b[^.]*\bof it\b/i],
])("no %s: a noun of the glossary is the subject", (_words, pattern) => {
  expect(linesWith(pattern, prose)).toEqual([]);
});

/** Each with the name that took its place. */
const retired: Readonly<Record<string, RegExp>> = {
  "ServiceInputs, Severity, watchStateOf": /\b(keepStanding|standingOf|standingTo)\b|\btype Standing\b/,
  "SlotOwner, SlotKeeper": /\b(createS|S)lotHolder\w*\b/,
  "leaveUnhealthy, isOutForHealth": /\b(leaveSick|isOutSick)\b/,
  HealthState: /\b[vV]itals(At)?\b/,
  "patch leave": /\b(finish)?[eE]rrand\b/,
  "DaemonFailure, PatchFailure, onFailure": /\b(Daemon|Patch)Trouble\b|\b(report|on|is\w*)Trouble\b/,
  "AgentObservation, SettingsObservation": /\b(Agent|Settings)Sight\b/,
  Intervals: /\b(LookPacing|nearLooks|awsLooks)\b/,
  "StoryPrinter, printEntry": /\bjsonTeller\b|\btextTeller\b|\bTeller\b/,
  "report…, emit…": /\btell[A-Z]\w*\b/,
  "observe…, poll…": /\blook(At|For|Ms|Limit)\w*\b/,
  "CloudNotices, LogNoticeCode": /\binterface Notices\b|\bNoticeCode\b/,
};

test.each(Object.entries(retired))("%s: the name before does not come back", (_names, pattern) => {
  expect(linesWith(pattern, code)).toEqual([]);
});

function linesWith(pattern: RegExp, where: readonly string[]): readonly string[] {
  const own = "test/unit/lint/plain-words.test.ts";
  return globSync([...where], { cwd: repository })
    .filter((file) => file !== own && !history.includes(file))
    .flatMap((file) =>
      readFileSync(resolve(repository, file), "utf8")
        .split("\n")
        .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
    );
}
