import { membershipStages } from "../../domain/run/run.ts";
import type { RunDeps } from "./deps.ts";
import { endpointsFor, type Joining } from "../start/join.ts";
import type { Run } from "./step.ts";

/** The work starts first, in milliseconds: both would compete for the processor at the start. */
const headStartMs = 400;

/**
 * Looks up beside `work` what joining will need, so that joining need not wait for it. Ends with the work, and never
 * fails: a failed lookup is repeated and reported when it is needed.
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
    // The code that needs it reports the failure.
  }
}
