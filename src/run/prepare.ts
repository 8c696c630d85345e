import { membershipStages } from "../domain/run.ts";
import type { RunDeps } from "./deps.ts";
import { endpointsFor, type Joining } from "./join.ts";
import type { Run } from "./step.ts";

/** The work starts first, in milliseconds: the two would share a processor just when it begins. */
const headStartMs = 400;

/**
 * Looks up beside `work` what joining will need after it, so that nobody waits for that then. Ends with the work, and
 * fails nothing: what could not be found out now is asked, and told, when it is needed.
 */
export async function preparing<T>(run: Run, joining: Joining, deps: RunDeps, work: () => Promise<T>): Promise<T> {
  if (!membershipStages.some((stage) => run.stages.has(stage))) return await work();
  const over = new AbortController();
  const prepared = prepare(joining, deps, AbortSignal.any([run.signal, over.signal]));
  try {
    return await work();
  } finally {
    over.abort(new Error("the work is done"));
    await prepared;
  }
}

async function prepare(joining: Joining, deps: RunDeps, signal: AbortSignal): Promise<void> {
  try {
    await deps.clock.sleep(headStartMs, signal);
    await deps.membership.prepare(endpointsFor(joining), signal);
  } catch {
    // Whoever needs it fails by it.
  }
}
