import { detached, type UnitRunner } from "../ports/unit-runner.ts";
import { briefError, ownWords } from "../domain/brief.ts";
import { isTransient, MusterError, reportOf, type ErrorReport } from "../domain/errors.ts";
import type { EventBody } from "../domain/events.ts";
import { isWhole, type RunEnd, type RunRequest, type StageName } from "../domain/run.ts";
import type { StartType } from "../domain/start-type.ts";
import type { StateEvent } from "../domain/instance/transitions.ts";
import { bootRun } from "./boot.ts";
import type { RunDeps } from "./deps.ts";
import type { EventBus } from "./event-bus.ts";
import { keepingHooks } from "../scaling-group/heartbeats.ts";
import { hold } from "./hold.ts";
import { createJournal, type Journal, type JournalDeps } from "./journal.ts";
import { askForReplacement } from "../scaling-group/replacement.ts";
import { restoreReboots } from "./reboot-budget.ts";
import { newRunId, pruneRuns } from "./runs.ts";
import { isForeignState } from "./start.ts";
import { changeState, type Said } from "./state/change-state.ts";
import type { StatusKeeper } from "./status-keeper.ts";
import { StageFailure, stagesOf, type Run } from "./step.ts";

export type MakeRunDeps = RunDeps & {
  readonly bus: EventBus;
  readonly status: StatusKeeper;
  /** For what the role wants run before the machine goes. */
  readonly units: UnitRunner;
};

/** How a run begins: anew, or where the journal of an interrupted one ends. */
export type Beginning = {
  readonly startType: StartType;
  readonly resume?: Journal;
  readonly instanceId: string;
};

/**
 * One run, from the first entry of its journal to the last. Failures of stages are ends, not exceptions.
 * @throws the abort reason when the agent goes and the work stays (`detached`), or when the machine goes down as
 *   planned: the journal stays open
 */
export async function makeRun(
  deps: MakeRunDeps,
  asked: RunRequest,
  beginning: Beginning,
  signal: AbortSignal,
): Promise<RunEnd> {
  const journal = beginning.resume ?? (await newJournal(deps, asked, beginning.instanceId));
  const { request, boot } = journal.state.started;
  // What served before the machine went down serves no more.
  const serving = journal.state.started.serving && boot === deps.bootId;
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
  const wantedBefore = journal.state.started.wantedBefore === true || wasWanted(deps);
  const stages = stagesOf(request.stages);
  if (!serving && stages.has("register")) {
    // An instance that is out, or leaves, stays so until its gates have passed: the table lists nothing for it.
    changeState(deps, "run-began", { reason: `run ${journal.run} (${cause}) is under way` }, journal.run);
  }
  const begun = deps.clock.monotonicMs();
  const { clock, commands } = deps;
  const run: Run = { id: journal.run, journal, clock, commands, signal, stages, emit, serving, wantedBefore };
  const work = () => endOf(run, request, serving, deps);
  // Nobody waits for an instance that serves.
  const end = serving ? await work() : await keepingHooks({ ...deps, emit }, signal, work);
  // A run that reboots the machine goes on afterwards: its journal stays open.
  if (end.kind !== "rebooting") await record(journal, end, emit);
  await reportEnd(journal.run, request, end, deps.clock.monotonicMs() - begun, deps);
  await prune(deps, emit);
  return end;
}

/**
 * What an agent that died right after it had written the end of its run could not tell any more. Without it the
 * instance would be starting for ever: there is nothing left to run, and nobody to say how it ended.
 */
export async function tellUntoldEnd(deps: MakeRunDeps, last: Journal): Promise<void> {
  const { started, end, lastAt } = last.state;
  const { run, state } = deps.status.current();
  if (end === undefined || run?.id !== last.run || (run.finished && state !== "starting")) return;
  const durationMs = Math.max(0, Date.parse(lastAt) - Date.parse(started.at));
  await reportEnd(last.run, started.request, end, durationMs, deps);
}

async function reportEnd(
  run: string,
  request: RunRequest,
  end: RunEnd,
  durationMs: number,
  deps: MakeRunDeps,
): Promise<void> {
  deps.bus.emit({ type: "run-finished", end, durationMs }, run);
  // A part of a run ends well whatever asks for a reboot.
  if (isWhole(request) && isGood(end)) await restoreReboots(deps.files);
  emitState(end, run, deps);
  await deps.status.flush();
}

/** What journals need of a run's world. */
export function journalDeps(deps: Pick<RunDeps, "files" | "clock" | "bootId">): JournalDeps {
  return { files: deps.files, bootId: deps.bootId, now: () => deps.clock.now() };
}

/** Whether this instance serves now, by a wish of this very boot. */
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

/** Whether the wish is one for service, and of an earlier boot: its endpoints may still have this instance. */
function wasWanted({ membership, bootId }: MakeRunDeps): boolean {
  const { wish } = membership.status();
  return wish?.want === "in" && wish.bootId !== bootId;
}

async function endOf(run: Run, request: RunRequest, serving: boolean, deps: MakeRunDeps): Promise<RunEnd> {
  try {
    return await bootRun(run, request, deps);
  } catch (error) {
    if (goesOn(run)) run.signal.throwIfAborted();
    const { stage, report } = failureOf(run, error);
    // An instance that serves keeps serving; a part of a run decides nothing about membership.
    if (serving || !run.stages.has("register")) return { kind: "failed", stage, error: report };
    if (!run.signal.aborted && knowsItself(error)) {
      await hold(run, stage, report, deps);
      if (deps.settings.onFailure === "abandon" && request.cause !== "manual") {
        // Names and tags that cannot be written now make no other instance healthier.
        const unhealthy = stage === "register" && error instanceof StageFailure && error.launched;
        await askForReplacement({ lifecycle: deps.lifecycle, emit: run.emit }, unhealthy, run.signal);
      }
    }
    if (run.signal.reason === detached) run.signal.throwIfAborted();
    return { kind: "held", stage, error: report };
  }
}

/** Stopped, and not over: the agent goes and the work stays, or the machine goes down as the run planned. */
function goesOn({ signal, journal }: Run): boolean {
  return signal.aborted && (signal.reason === detached || journal.state.rebootUnderWay !== undefined);
}

/**
 * Whether the run got as far as knowing which instance this is. Before that the state may be of another one,
 * from which an image was made: nothing that it names may be taken away.
 */
function knowsItself(thrown: unknown): boolean {
  if (thrown instanceof StageFailure) return thrown.stage !== "clock" && thrown.stage !== "identity";
  return !isForeignState(thrown);
}

function failureOf(run: Run, thrown: unknown): { readonly stage: StageName; readonly report: ErrorReport } {
  const stage = thrown instanceof StageFailure ? thrown.stage : "identity";
  const cause = thrown instanceof StageFailure ? thrown.cause : thrown;
  if (run.signal.aborted && !(cause instanceof MusterError && !isTransient(cause))) {
    return { stage, report: reportOf(cancelled(stage)) };
  }
  return { stage, report: reportOf(cause) };
}

function cancelled(stage: StageName): MusterError {
  return new MusterError({
    code: "run-cancelled",
    message: `The run was cancelled in stage ${stage}`,
    hint: "Run it again with: muster run",
  });
}

/** A full disk must not hide how the run ended: it is said, and the next start takes the run up again. */
async function record(journal: Journal, end: RunEnd, emit: (body: EventBody) => void): Promise<void> {
  try {
    await journal.append({ kind: "run-ended", end });
  } catch (error) {
    const { code, message } = reportOf(error);
    emit({ type: "notice", level: "error", code, text: message });
  }
}

/** Old runs that cannot be removed are no reason to call a run failed that has ended. */
async function prune(deps: MakeRunDeps, emit: (body: EventBody) => void): Promise<void> {
  try {
    await pruneRuns(journalDeps(deps));
  } catch (error) {
    const { code, message } = reportOf(error);
    emit({ type: "notice", level: "warning", code, text: message });
  }
}

function emitState(end: RunEnd, run: string, deps: MakeRunDeps): void {
  const next = stateAfter(end, deps);
  if (next === undefined) return;
  const { trigger, ...said } = next;
  changeState(deps, trigger, said, run);
}

type StateAfter = Said & { readonly trigger: StateEvent };

/** What a run's end makes of the instance; undefined when it decides nothing. */
function stateAfter(end: RunEnd, deps: MakeRunDeps): StateAfter | undefined {
  const { wish, reconciling } = deps.membership.status();
  switch (end.kind) {
    case "in-service":
      return { trigger: "gates-passed", reason: wish?.reason ?? "every gate passed" };
    case "unconfirmed":
      return { trigger: "gates-passed", reason: end.note, brief: ownWords(end.note) };
    case "held":
      return {
        trigger: "gate-failed",
        reason: `${end.stage}: ${end.error.message}`,
        brief: `${end.stage}: ${briefError(end.error)}`,
        stage: end.stage,
      };
    case "done":
      // Whoever takes the instance out just now says when it is out.
      return !reconciling && wish?.want === "out" && end.note !== undefined
        ? { trigger: "kept-out", reason: end.note }
        : undefined;
    case "rebooting":
      return { trigger: "reboot-planned", reason: `planned, after ${end.stage}: ${end.reasons.join("; ")}` };
    case "failed":
      return undefined;
  }
}

/** Whether nothing asks for a reboot any more. */
function isGood(end: RunEnd): boolean {
  return (end.kind === "in-service" || end.kind === "done") && end.rebootRefused === undefined;
}
