import { numberOf, runsInOrder } from "../../domain/run/run-id.ts";
import { isWhole } from "../../domain/run/run.ts";
import { journalName, openJournal, type Journal, type JournalDeps } from "./journal.ts";

/** How many runs' journals and logs are kept. */
const kept = 20;

/** How many unreadable ones are kept for a person. */
const keptUnreadable = 3;

/** A run that is on disk. */
export type LastRun =
  | { readonly kind: "none" }
  | { readonly kind: "found"; readonly journal: Journal }
  /** Its journal could not be read and was set aside: a new run has to be made. */
  | { readonly kind: "set-aside"; readonly run: string; readonly path: string; readonly why: string };

/** The newest run on disk. */
export async function lastRun(deps: JournalDeps): Promise<LastRun> {
  const run = (await runIds(deps)).at(-1);
  if (run === undefined) return { kind: "none" };
  if (await neverBegan(deps, run)) {
    await deps.files.remove(`runs/${run}`);
    return lastRun(deps);
  }
  const journal = await openJournal(deps, run);
  if (!("unreadable" in journal)) return { kind: "found", journal };
  const path = await deps.files.setAside(`runs/${run}`);
  return { kind: "set-aside", run, path, why: journal.unreadable };
}

/** Whether the agent died before the first entry of its journal was on disk: no step of it was made. */
async function neverBegan({ files }: JournalDeps, run: string): Promise<boolean> {
  const others = (await files.list(`runs/${run}`)).filter((name) => `runs/${run}/${name}` !== journalName(run));
  const text = (await files.read(journalName(run))) ?? "";
  return others.length === 0 && !text.includes("\n");
}

/**
 * An id for a new run: a number that goes up (the wall clock may go back), and a random part, because systemd may still
 * know units of an earlier run with the same number after the state was removed.
 */
export async function newRunId(deps: JournalDeps, random: () => number): Promise<string> {
  const last = (await runIds(deps)).at(-1);
  const number = last === undefined ? 1 : numberOf(last) + 1;
  const suffix = Math.floor(random() * 0x1_0000)
    .toString(16)
    .padStart(4, "0");
  return `${String(number).padStart(4, "0")}-${suffix}`;
}

/**
 * Removes the oldest runs beyond those that are kept, but for the newest whole run: without it the next agent would take
 * the boot run for one that was never made, and make it again.
 */
export async function pruneRuns(deps: JournalDeps): Promise<void> {
  const setAside = (await deps.files.list("runs")).filter((name) => name.includes(".unreadable-"));
  const runs = await runIds(deps);
  const old = runs.slice(0, -kept);
  const whole = old.length === 0 ? undefined : await newestWhole(deps, runs);
  for (const name of [...old.filter((run) => run !== whole), ...setAside.slice(0, -keptUnreadable)]) {
    await deps.files.remove(`runs/${name}`);
  }
}

/** The newest run of every stage that has ended. */
async function newestWhole(deps: JournalDeps, runs: readonly string[]): Promise<string | undefined> {
  for (const run of runs.toReversed()) {
    const journal = await openJournal(deps, run);
    if ("unreadable" in journal) continue;
    const { started, end } = journal.state;
    if (isWhole(started.request) && end !== undefined) return run;
  }
  return undefined;
}

/** All runs on disk, oldest first. */
export async function runIds(deps: JournalDeps): Promise<readonly string[]> {
  return runsInOrder(await deps.files.list("runs"));
}
