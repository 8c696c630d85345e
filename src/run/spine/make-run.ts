import { detached, type UnitRunner } from "../../ports/unit-runner.ts";
import { isTransient, MusterError, reportOf, type ErrorReport } from "../../domain/errors/errors.ts";
import type { EventBody } from "../../domain/run/events.ts";
import { editedPaths } from "../../domain/settings/settings-edits.ts";
import { isWhole, type RunEnd, type RunRequest, type StageName } from "../../domain/run/run.ts";
import type { StartType } from "../../domain/instance/start-type.ts";
import { bootRun } from "./boot.ts";
import type { RunDeps } from "./deps.ts";
import type { EventBus } from "../state/event-bus.ts";
import { keepingHooks } from "../../scaling-group/heartbeats.ts";
import { hold } from "../leave/hold.ts";
import { createJournal, type Journal, type JournalDeps, type JournalState } from "../state/journal.ts";
import { askForReplacement } from "../../scaling-group/replacement.ts";
import { restoreReboots } from "./reboot-budget.ts";
import { newRunId, pruneRuns } from "../state/runs.ts";
import { isForeignState } from "../start/start.ts";
import { changeState } from "../state/change-state.ts";
import { runBegan, type EndedRun } from "../state/derive-status.ts";
import { outSince } from "../state/out-of-service.ts";
import { resyncStatus } from "../state/resync-status.ts";
import type { StatusKeeper } from "../state/status-keeper.ts";
import { StageFailure, stagesOf, type Run } from "./step.ts";

export type MakeRunDeps = RunDeps & {
  readonly bus: EventBus;
  readonly status: StatusKeeper;
  /** For the role's commands before the machine goes. */
  readonly units: UnitRunner;
};

/** The beginning of a run: new, or the end of an interrupted one's journal. */
export type Beginning = {
  readonly startType: StartType;
  readonly resume?: Journal;
  readonly instanceId: string;
};

/**
 * One run, from the first entry of its journal to the last. Failures of stages are ends, not exceptions.
 * @throws the abort reason when the agent goes and the work stays (`detached`), or when the machine goes down as
 * planned: the journal stays open
 * @param agent the life of the agent
 * @param cancel ends this run alone, with {@link cancelled}
 */
export async function makeRun(
  deps: MakeRunDeps,
  asked: RunRequest,
  beginning: Beginning,
  agent: AbortSignal,
  cancel?: AbortSignal,
): Promise<RunEnd> {
  const signal = cancel === undefined ? agent : AbortSignal.any([agent, cancel]);
  const journal = beginning.resume ?? (await newJournal(deps, asked, beginning.instanceId));
  const { request } = journal.state.started;
  const serving = isServingRun(journal.state, deps.bootId);
  function emit(body: EventBody): void {
    deps.bus.emit(body, journal.run);
  }
  const { cause } = request;
  emit({
    type: "run-started",
    cause,
    startType: beginning.startType,
    dryRun: false,
    resumed: beginning.resume !== undefined,
    boot: deps.bootId,
  });
  await reportEdits(deps, emit);
  const wantedBefore = journal.state.started.wantedBefore === true || wasWanted(deps);
  const stages = stagesOf(request.stages);
  const gated = isGated(journal.state, deps.bootId);
  // An instance that is out, or leaves, stays so until its gates have passed: the table lists nothing for it.
  if (gated) changeState(deps, runBegan({ run: journal.run, cause }), journal.run);
  const begun = deps.clock.monotonicMs();
  const { clock, commands } = deps;
  const run: Run = { id: journal.run, journal, clock, commands, signal, stages, emit, serving, wantedBefore };
  const work = () => endOf(run, request, serving, deps, agent);
  // An instance that serves has no hook open.
  const end = serving ? await work() : await keepingHooks({ ...deps, emit }, signal, work);
  // A run that reboots the machine goes on afterwards: its journal stays open.
  if (end.kind !== "rebooting") await record(journal, end, emit);
  const durationMs = deps.clock.monotonicMs() - begun;
  await reportEnd(deps, { run: journal.run, cause, end, durationMs, gated }, request);
  await prune(deps, emit);
  return end;
}

/** A person who edits the settings and starts a run expects them in it. */
async function reportEdits({ edits }: MakeRunDeps, emit: (body: EventBody) => void): Promise<void> {
  if (edits === undefined) return;
  const code = "settings-not-in-force";
  try {
    const found = await edits();
    if (found.length === 0) return;
    const text = `The settings were edited, and this run does not use that yet: ${editedPaths(found)}`;
    emit({ type: "notice", level: "warning", code, text });
  } catch (error) {
    const text = `The settings on disk cannot be used, this run uses those before: ${reportOf(error).message}`;
    emit({ type: "notice", level: "warning", code, text });
  }
}

/** The last run by its journal, once it has ended. */
export function endedRun({ run, state }: Journal, bootId: string): EndedRun | undefined {
  const { started, end, lastAt } = state;
  if (end === undefined) return undefined;
  const durationMs = Math.max(0, Date.parse(lastAt) - Date.parse(started.at));
  return { run, cause: started.request.cause, end, durationMs, gated: isGated(state, bootId) };
}

/** Reports the end of a run, and what it makes of the instance. Repeated by the next agent, which does no harm. */
export async function reportEnd(deps: MakeRunDeps, ended: EndedRun, request: RunRequest): Promise<void> {
  resyncStatus(deps, { ended });
  // A part of a run ends well even if a reboot is due.
  if (isWhole(request) && isGood(ended.end)) await restoreReboots(deps.files);
  await deps.status.flush();
}

/** An instance that served before the machine went down serves no more. */
function isServingRun({ started }: JournalState, bootId: string): boolean {
  return started.serving && started.boot === bootId;
}

function isGated(state: JournalState, bootId: string): boolean {
  return !isServingRun(state, bootId) && stagesOf(state.started.request.stages).has("register");
}

/** What journals need of a run's world. */
export function journalDeps(deps: Pick<RunDeps, "files" | "clock" | "bootId">): JournalDeps {
  return { files: deps.files, bootId: deps.bootId, now: () => deps.clock.now() };
}

/** Whether this instance serves now, by a wish of this boot. */
export function isServing(deps: MakeRunDeps): boolean {
  const wish = deps.membership.status().wish;
  return deps.status.current().state === "in-service" && wish?.want === "in" && wish.bootId === deps.bootId;
}

async function newJournal(deps: MakeRunDeps, request: RunRequest, instance: string): Promise<Journal> {
  const journals = journalDeps(deps);
  const run = await newRunId(journals, () => deps.clock.random());
  const first = { request, instance, serving: isServing(deps), wantedBefore: wasWanted(deps) };
  return createJournal(journals, run, first);
}

/** Whether the wish is `in`, and of an earlier boot: the instance may still be in its endpoints. */
function wasWanted({ membership, bootId }: MakeRunDeps): boolean {
  const { wish } = membership.status();
  return wish?.want === "in" && wish.bootId !== bootId;
}

async function endOf(
  run: Run,
  request: RunRequest,
  serving: boolean,
  deps: MakeRunDeps,
  agent: AbortSignal,
): Promise<RunEnd> {
  try {
    return await bootRun(run, request, deps);
  } catch (error) {
    if (goesOn(run)) run.signal.throwIfAborted();
    const { stage, report } = failureOf(run, error);
    // An instance that serves keeps serving; a part of a run decides nothing about membership.
    if (serving || !run.stages.has("register")) return { kind: "failed", stage, error: report };
    // A run that was cancelled by hand ends as one that failed; the agent lives on.
    if (!agent.aborted && knowsItself(error)) {
      const out = outSince(deps.status.current(), run.clock.now().toISOString());
      await hold({ ...run, signal: agent }, stage, report, deps, out);
      // Tags may be late, and a replacement is tagged in the same way.
      const isReplaced = !run.signal.aborted && report.code !== "role-missing" && request.cause !== "manual";
      if (deps.settings.onFailure === "abandon" && isReplaced) {
        // A failure to write names and tags does not make the instance unhealthy.
        const unhealthy = stage === "register" && error instanceof StageFailure && error.launched;
        await askForReplacement({ ...deps, emit: run.emit }, unhealthy, run.signal);
      }
    }
    if (run.signal.reason === detached) run.signal.throwIfAborted();
    return { kind: "held", stage, error: report };
  }
}

/** Stopped, but not over: the agent goes and the work stays, or the machine goes down as the run planned. */
function goesOn({ signal, journal }: Run): boolean {
  return signal.aborted && (signal.reason === detached || journal.state.rebootUnderWay !== undefined);
}

/**
 * Whether the run got as far as knowing the instance. Before that the state may belong to another one, from which an
 * image was made: its endpoints must not be left.
 */
function knowsItself(thrown: unknown): boolean {
  if (thrown instanceof StageFailure) return thrown.stage !== "clock" && thrown.stage !== "identity";
  return !isForeignState(thrown);
}

function failureOf(run: Run, thrown: unknown): { readonly stage: StageName; readonly report: ErrorReport } {
  const stage = thrown instanceof StageFailure ? thrown.stage : "identity";
  const cause = thrown instanceof StageFailure ? thrown.cause : thrown;
  if (run.signal.aborted && !(cause instanceof MusterError && !isTransient(cause))) {
    return { stage, report: reportOf(cancelled()) };
  }
  return { stage, report: reportOf(cause) };
}

/** What a cancelled run fails with. @param by the login name of the user who asked; absent for a signal */
export function cancelled(by?: string): MusterError {
  return new MusterError({
    code: "run-cancelled",
    message: `The run was cancelled${by === undefined ? "" : ` by ${by}`}`,
    hint: "Make it again with muster run. muster pause keeps a held instance from trying it again by itself.",
  });
}

/** A full disk must not hide the end of the run: it is reported, and the next start continues the run. */
async function record(journal: Journal, end: RunEnd, emit: (body: EventBody) => void): Promise<void> {
  try {
    await journal.append({ kind: "run-ended", end });
  } catch (error) {
    const { code, message } = reportOf(error);
    emit({ type: "notice", level: "error", code, text: message });
  }
}

/** A failure to remove old runs does not fail a run that has ended. */
async function prune(deps: MakeRunDeps, emit: (body: EventBody) => void): Promise<void> {
  try {
    await pruneRuns(journalDeps(deps));
  } catch (error) {
    const { code, message } = reportOf(error);
    emit({ type: "notice", level: "warning", code, text: message });
  }
}

/** Whether no reboot is due any more. */
function isGood(end: RunEnd): boolean {
  return (end.kind === "in-service" || end.kind === "done") && end.rebootRefused === undefined;
}
