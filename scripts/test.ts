// Everything that can be tried here, step after step: `npm test`. Names of steps as arguments run
// those alone (`npm test -- unit contract`). Goes on after a failure, and says at the end what failed.
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { runStep, type Outcome } from "./test/run-step.ts";
import { steps, type Step } from "./test/steps.ts";
import { totals } from "./test/tally.ts";

// A run is to take 45 minutes at most. The first one on a machine builds the lab's images besides; past this it hangs.
const allMinutes = 70;

async function main(): Promise<void> {
  process.chdir(resolve(import.meta.dirname, ".."));
  mkdirSync("tmp/test", { recursive: true });
  const chosen = choose(process.argv.slice(2));
  if (chosen === undefined) {
    console.error(`steps are: ${steps.map(({ name }) => name).join(" ")}`);
    process.exitCode = 2;
    return;
  }
  const outcomes = await runAll(chosen);
  printTable(outcomes);
  const line = totals(outcomes);
  writeFileSync("tmp/test/summary", `${line}\n`);
  console.log(line);
  process.exitCode = outcomes.some(({ failed }) => failed > 0) ? 1 : 0;
}

function choose(names: readonly string[]): readonly Step[] | undefined {
  if (names.length === 0) return steps;
  if (names.some((name) => !steps.some((step) => step.name === name))) return undefined;
  return steps.filter(({ name }) => names.includes(name));
}

async function runAll(chosen: readonly Step[]): Promise<Outcome[]> {
  const deadline = performance.now() + allMinutes * 60_000;
  const cancel = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => cancel.abort());
  const outcomes: Outcome[] = [];
  for (const group of sideBySide(chosen)) {
    outcomes.push(...(await Promise.all(group.map(async (step) => await runOne(step, outcomes)))));
  }
  return outcomes;

  async function runOne(step: Step, before: readonly Outcome[]): Promise<Outcome> {
    const outcome = obstacle(step, before, deadline, cancel.signal);
    if (outcome === undefined) console.log(`\n== ${step.name}: ${step.command.join(" ")}`);
    return outcome ?? (await runStep(step, deadline, cancel.signal));
  }
}

/** The steps in their order; those that run at the same time are one group. */
function sideBySide(chosen: readonly Step[]): Step[][] {
  const groups: Step[][] = [];
  for (const step of chosen) {
    const group = groups.at(-1);
    if (step.beside === true && group !== undefined) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** The outcome of a step that cannot begin. */
function obstacle(step: Step, before: readonly Outcome[], deadline: number, cancel: AbortSignal): Outcome | undefined {
  const not = (outcome: "failed" | "skipped", note: string): Outcome => ({
    step: step.name,
    seconds: 0,
    passed: 0,
    failed: 0,
    skipped: 0,
    failures: [],
    [outcome]: 1,
    note,
  });
  if (cancel.aborted) return not("failed", "cancelled");
  if (performance.now() >= deadline) return not("failed", `no time left of ${allMinutes} minutes`);
  const missing = before.find(({ step: name, failed }) => failed > 0 && step.needs?.includes(name));
  if (missing !== undefined) return not("failed", `needs ${missing.step}`);
  if (step.root === true && process.getuid?.() !== 0) return not("skipped", "needs root");
  return undefined;
}

function printTable(outcomes: readonly Outcome[]): void {
  console.log(`\n${row("step", "passed", "failed", "skipped", "seconds")}`);
  for (const { step, passed, failed, skipped, seconds, note } of outcomes) {
    console.log(row(step, passed, failed, skipped, seconds.toFixed(1)) + (note === undefined ? "" : `  ${note}`));
  }
  for (const { step, failures } of outcomes) {
    for (const name of failures) console.log(`failed: ${step}: ${name}`);
  }
}

function row(first: string, ...others: readonly (string | number)[]): string {
  return first.padEnd(14) + others.map((cell) => String(cell).padStart(9)).join("");
}

await main();
