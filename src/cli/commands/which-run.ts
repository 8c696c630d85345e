import { MusterError } from "../../domain/errors/errors.ts";
import { printable } from "../../domain/role/names.ts";
import { numberOf } from "../../domain/run/run-id.ts";

/** The ways to name a run, for `--help` and for errors. */
export const waysToNameARun = "an id, a number (3), or -1 for the one before the last";

/**
 * The run for `0003-9c1e`, `3`, or `-1`: the one before the last.
 * @param runs the ids of the present runs, oldest first
 * @param asked absent: the last one
 * @throws MusterError `run-missing` without any run, `usage-unknown-run` with the present ones
 */
export function whichRun(runs: readonly string[], asked?: string): string {
  const found = asked === undefined ? runs.at(-1) : meant(runs, asked);
  if (found !== undefined) return found;
  if (runs.length === 0) {
    throw new MusterError({
      code: "run-missing",
      message: "No run was made on this machine yet",
      hint: "See what it waits for with: muster status. Make a run with: muster run",
    });
  }
  throw new MusterError({
    code: "usage-unknown-run",
    message: `There is no run ${JSON.stringify(printable(asked ?? ""))} on this machine: ${listed(runs)}`,
    hint: `A run is named by ${waysToNameARun}.`,
  });
}

function meant(runs: readonly string[], asked: string): string | undefined {
  // As journalctl counts boots: 0 is the last one.
  if (/^(0|-\d{1,9})$/.test(asked)) return runs.at(Number(asked) - 1);
  if (/^\d{1,9}$/.test(asked)) return runs.find((run) => numberOf(run) === Number(asked));
  return runs.find((run) => run === asked);
}

/** Of a run that has only a journal. */
export function unrecorded(run: string): MusterError {
  return new MusterError({
    code: "run-unrecorded",
    message: `Nothing is recorded of run ${run}`,
    hint: "What is known of it, and which other runs there are, is shown by: muster runs",
  });
}

const shown = 8;

function listed(runs: readonly string[]): string {
  const newest = runs.slice(-shown).toReversed().join(", ");
  return runs.length > shown ? `the newest are ${newest}` : `there are ${newest}`;
}
