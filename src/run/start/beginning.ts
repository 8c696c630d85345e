import { isWhole } from "../../domain/run/run.ts";
import { openJournal, type Journal } from "../state/journal.ts";
import { isWarm } from "../../scaling-group/launch-hook.ts";
import { endedRun, journalDeps, reportEnd, type Beginning, type MakeRunDeps } from "../spine/make-run.ts";
import { lastRun, runIds } from "../state/runs.ts";
import { resyncStatus } from "../state/resync-status.ts";
import { resetState, startTypeFrom, stateOwner } from "./start.ts";

/** The unfinished run of this boot: the agent died, and the machine did not. */
export async function interruptedRun(deps: MakeRunDeps): Promise<Beginning | undefined> {
  const last = await readableLast(deps);
  if (last === undefined || last.state.end !== undefined || last.state.lastBoot !== deps.bootId) return undefined;
  return { startType: "crash-restart", resume: last, instanceId: last.state.started.instance };
}

/**
 * Reports what an earlier agent of this boot could not report any more before it died: the end of its last run, a
 * leave, or that the instance serves, where the status was lost.
 */
export async function catchUpWithLastAgent(deps: MakeRunDeps): Promise<void> {
  const last = await readableLast(deps);
  const ended = last?.state.lastBoot === deps.bootId ? endedRun(last, deps.bootId) : undefined;
  if (last === undefined || ended === undefined) return resyncStatus(deps, {});
  await reportEnd(deps, ended, last.state.started.request);
}

/** Whether the status knows of no run, as after damage. A new run fills it again. */
export function isStatusLost({ status }: MakeRunDeps): boolean {
  return status.current().run === undefined;
}

/**
 * Whether a run knew its role but this agent does not, as after damage or a newer binary's file. Without the role there
 * are no checks and no schedules, so nothing would ever start a run.
 */
export function isDutyLost({ status, duty }: MakeRunDeps): boolean {
  return duty.current() === undefined && status.current().config !== undefined;
}

/**
 * Whether the boot run of this boot has ended, well or not. A later whole run counts for it: not all journals of a long
 * boot are kept.
 */
export async function bootRunMade(deps: MakeRunDeps): Promise<boolean> {
  const journals = journalDeps(deps);
  for (const run of (await runIds(journals)).toReversed()) {
    const journal = await openJournal(journals, run);
    if ("unreadable" in journal) continue;
    const { started, end, lastBoot } = journal.state;
    if (lastBoot !== deps.bootId) return false;
    if (isWhole(started.request) && end !== undefined) return true;
  }
  return false;
}

/**
 * How a new run begins. The state directory is checked by the instance's own id: state of another instance, from an
 * image, is removed first, and a run that a power cut interrupted is continued.
 */
export async function beginningOf(deps: MakeRunDeps, signal: AbortSignal): Promise<Beginning> {
  const last = await readableLast(deps);
  const owner = (await stateOwner(deps.files)) ?? ownerBy(last);
  const instanceId = await instanceIdOf(deps, owner, signal);
  const warm = await wantedWarm(deps, signal);
  const startType = startTypeFrom({ bootId: deps.bootId, instanceId, owner, last, warm });
  if (startType === "clone") {
    await resetState(deps.files);
    await deps.membership.forget();
    await deps.duty.forget();
    // Of the instance that the image was made from, like its file.
    if (deps.status.current().pause !== undefined) deps.bus.emit({ type: "pause-changed", over: "expired" });
    const text = `The state in this image belonged to instance ${owner ?? unknown}; it was removed`;
    deps.bus.emit({ type: "notice", level: "info", code: "state-of-clone-removed", text });
    return { startType, instanceId };
  }
  const wentDown = startType === "interrupted-reboot" || startType === "planned-reboot";
  if (wentDown && last !== undefined && isWhole(last.state.started.request)) {
    return { startType, resume: last, instanceId };
  }
  return { startType, instanceId };
}

/** In place of an id that the identity source did not tell. */
const unknown = "unknown";

/** The owner of the state by the last journal, where instance.json was lost or never written. */
function ownerBy(last: Journal | undefined): string | undefined {
  const instance = last?.state.started.instance;
  return instance === unknown ? undefined : instance;
}

/**
 * The id from the identity source. If the source does not answer, the state counts as this instance's own: the
 * identity stage of the run waits for the source, and refuses state of another instance.
 */
async function instanceIdOf(deps: MakeRunDeps, owner: string | undefined, signal: AbortSignal): Promise<string> {
  try {
    return await deps.identity.instanceId(signal);
  } catch {
    signal.throwIfAborted();
    return owner ?? unknown;
  }
}

/** If Auto Scaling does not answer now, the run asks again before it joins. */
async function wantedWarm({ lifecycle }: MakeRunDeps, signal: AbortSignal): Promise<boolean> {
  try {
    return isWarm(await lifecycle.target(signal));
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function readableLast(deps: MakeRunDeps): Promise<Journal | undefined> {
  const last = await lastRun(journalDeps(deps));
  if (last.kind === "set-aside") {
    const text = `The journal of run ${last.run} cannot be read (${last.why}); it was kept as ${last.path} and a fresh run is made`;
    deps.bus.emit({ type: "notice", level: "warning", code: "journal-set-aside", text });
  }
  return last.kind === "found" ? last.journal : undefined;
}
