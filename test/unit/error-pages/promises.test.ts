// A text that says "tried again" is true only where some code does it: this table names the code for each.
import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { againWords, type Again } from "../../../src/error-pages/again.ts";
import { errorAreas } from "../../../src/error-pages/pages.ts";

/** The code that keeps a promise: a file and what in it tries again. */
type Kept = readonly [file: string, code: RegExp];

const keepers: Readonly<Record<Again, readonly Kept[]>> = {
  held: [["src/daemon/controllers/keep-retrying.ts", /executor\.run\(\{ cause: "retry"/]],
  run: [
    ["src/daemon/controllers/keep-retrying.ts", /executor\.run\(\{ cause: "retry"/],
    ["src/stages/identity/stage.ts", /trying again in/],
    ["src/stages/config/fetch.ts", /trying again in/],
    ["src/stages/patch/index-stage.ts", /await backOff\(/],
    ["src/scaling-group/launch-hook.ts", /trying again in/],
    ["src/membership/reconcile/loop.ts", /trying again: /],
  ],
  membership: [
    ["src/membership/reconcile/loop.ts", /trying again: /],
    ["src/daemon/controllers/keep-membership.ts", /export async function keepMembership/],
  ],
  window: [["src/daemon/patching/keep-patching.ts", /export async function keepPatching/]],
  health: [["src/daemon/controllers/leave-unhealthy.ts", /export /]],
};

/** What the prose of pages promises by itself, besides `again`. */
const promised: Readonly<Record<string, Kept>> = {
  "daemon-lost": ["systemd/muster.service", /^Restart=/m],
  "metrics-write-failed": ["src/adapters/prometheus/textfile.ts", /write/],
  "config-offline": ["src/stages/config/fetch.ts", /fetch/],
};

const promise =
  /\b(?:tr(?:y|ies|ied|ying)|ask(?:s|ed)?|registered|written|fetch(?:es|ed)?|completed|starts it|made|goes on) again\b|\bthe (?:next )?retry\b/i;
const denial = /\bnot tried again\b|\bagain and again\b/i;

function isPromise(text: string): boolean {
  return promise.test(text) && !denial.test(text);
}

const pages = errorAreas.flatMap((area) => Object.entries(area.pages));

test("prose of a page promises no other try, but where this table names the code", () => {
  const found = pages.filter(([, { happened, causes, todo }]) => {
    const steps = todo.map((step) => (typeof step === "string" ? step : step[0]));
    return [happened, ...causes, ...steps].some(isPromise);
  });
  expect(found.map(([code]) => code).toSorted()).toEqual(Object.keys(promised).toSorted());
});

test("the pages that say who tries again", () => {
  const byKeeper = Object.groupBy(pages, ([, { again }]) => again ?? "none");
  const codes = Object.entries(byKeeper).map(([who, all]) => [who, all.map(([code]) => code)] as const);
  expect(Object.fromEntries(codes.filter(([who]) => who !== "none"))).toMatchSnapshot();
});

test.each(Object.entries(keepers))("%s: the code is there", (who, kept) => {
  expect(againWords[who as Again]).toMatch(/\bby itself\b/);
  for (const [file, code] of kept) expect(readFileSync(file, "utf8"), file).toMatch(code);
});

test.each(Object.entries(promised))("%s: the code is there", (_code, [file, code]) => {
  expect(readFileSync(file, "utf8")).toMatch(code);
});

/** Words outside of pages that promise another try, and the code behind them. */
const said: Readonly<Record<string, Kept>> = {
  // Said before the wait for the next try.
  "src/stages/identity/stage.ts": ["src/stages/identity/stage.ts", /clock\.sleep/],
  "src/stages/config/fetch.ts": ["src/stages/config/fetch.ts", /clock\.sleep/],
  "src/stages/patch/index-stage.ts": ["src/stages/patch/index-stage.ts", /await backOff\(/],
  "src/membership/reconcile/loop.ts": ["src/membership/reconcile/loop.ts", /limitMs\(context, stage, error\)/],
  "src/scaling-group/launch-hook.ts": ["src/scaling-group/launch-hook.ts", /clock\.sleep/],
  // Of a pending change: the daemon compares membership with its wish.
  "src/run/state/put-off.ts": ["src/daemon/controllers/keep-membership.ts", /export async function keepMembership/],
  "src/views/explain/rows.ts": ["src/daemon/controllers/keep-membership.ts", /export async function keepMembership/],
  "src/views/explain/todo.ts": ["src/daemon/controllers/keep-retrying.ts", /cause: "retry"/],
  "src/cli/terminal/print-error-page.ts": ["src/error-pages/again.ts", /againWords/],
  // The end of a pause.
  "src/cli/commands/pause.ts": ["src/daemon/controllers/keep-retrying.ts", /!isPausedWhileHeld/],
  // Of a held instance, with the time.
  "src/adapters/prometheus/gauges.ts": ["src/daemon/controllers/keep-retrying.ts", /retry-scheduled/],
  "src/daemon/show-state.ts": ["src/daemon/controllers/keep-retrying.ts", /retry-scheduled/],
  "src/views/story.ts": ["src/daemon/controllers/keep-retrying.ts", /retry-scheduled/],
  "src/cli/terminal/event-line.ts": ["src/daemon/controllers/keep-retrying.ts", /retry-scheduled/],
};

test("no hint, notice or story promises another try, but where this table names the code", () => {
  const files = globSync("src/**/*.ts").filter(
    (file) => !/^src\/(?:error-pages|settings|domain\/instance)\//.test(file),
  );
  expect(files.length).toBeGreaterThan(300);
  const found = files.filter((file) => {
    const code = readFileSync(file, "utf8").split("\n");
    return code.some((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && literals(line).some(isPromise));
  });
  expect(found.toSorted()).toEqual(Object.keys(said).toSorted());
  for (const [file, code] of Object.values(said)) expect(readFileSync(file, "utf8"), file).toMatch(code);
});

function literals(line: string): readonly string[] {
  return line.match(/"[^"]*"|`[^`]*`/g) ?? [];
}
