import type { LogNotice, RunEvent } from "../../domain/run/events.ts";
import { nextState } from "../../domain/instance/transitions.ts";
import { latestPatch } from "../../domain/run/patched.ts";
import type { Pause } from "../../domain/instance/pause.ts";
import type { StageName } from "../../domain/run/run.ts";
import { stageNames } from "../../domain/run/run.ts";
import type { StageStatus, StatusReport } from "../../domain/instance/status.ts";
import { withFailedTry, withOut } from "./out-of-service.ts";

const keptNotices = 20;

/** The status of a machine that never ran muster. */
export function initialStatus(bootId: string, at: string): StatusReport {
  return {
    version: 1,
    bootId,
    state: "new",
    since: at,
    reason: "no run was made yet",
    rebootRequired: { required: false, reasons: [] },
    notices: [],
  };
}

/** Without the fields that belong to the reason of the state. */
export function withoutReason(status: StatusReport): StatusReport {
  const { heldAt: _at, mustStay: _stays, waitsFor: _waited, brief: _brief, ...kept } = status;
  return kept;
}

/** The status after an event. Pure; events of a dry run change nothing. */
export function reduceStatus(status: StatusReport, event: RunEvent): StatusReport {
  switch (event.type) {
    case "run-started":
      return event.dryRun ? status : begin(status, event);
    case "stage-started":
      return updateStage(status, event.stage, { state: "running", text: "", startedAt: event.at, facts: {} });
    case "stage-progress":
      return updateProgress(status, event);
    case "stage-finished": {
      const { outcome, summary, durationMs, facts, error } = event;
      return updateStage(stopWaiting(withoutDrift(status, event), event.stage), event.stage, {
        state: outcome,
        text: summary,
        durationMs,
        facts,
        ...(error === undefined ? {} : { error }),
      });
    }
    case "run-facts": {
      const { reboot, patched, patchTrouble, ...known } = event.facts;
      return {
        ...withPatchFailures(status, patchTrouble),
        ...known,
        ...(patched === undefined ? {} : { patched: latestPatch(status.patched, patched) }),
        ...(reboot === undefined ? {} : { rebootRequired: reboot }),
      };
    }
    case "run-finished":
      return finish(status, event);
    case "state-changed":
      return changeState(status, event);
    case "pause-changed":
      return withPause(event.pause === undefined ? status : withoutRetry(status), event.pause);
    case "health-changed":
      return withHealth(status, event.health);
    case "cordon-changed":
      return withCordon(status, event.cordon);
    case "slot-changed":
      return withSlot(status, event);
    case "membership-pending":
      return withPending(status, event.pending);
    case "maintenance-announced":
      return withMaintenance(status, event.maintenance);
    case "drift-checked":
      return { ...status, drift: event.drift };
    case "retry-scheduled":
      return { ...status, nextRetryAt: event.nextAt };
    case "notice":
      return { ...status, notices: [...status.notices, noticeOf(status, event)].slice(-keptNotices) };
    case "control-asked":
    case "stage-output":
    case "stage-planned":
    case "command-started":
    case "command-finished":
    case "cloud-call":
      return status;
  }
}

function withPatchFailures(status: StatusReport, trouble: StatusReport["patchTrouble"]): StatusReport {
  if (trouble === undefined) return status;
  const { patchTrouble: _earlier, ...kept } = status;
  return trouble.length === 0 ? kept : { ...kept, patchTrouble: trouble };
}

function withHealth({ health: _earlier, ...status }: StatusReport, health: StatusReport["health"]): StatusReport {
  return health === undefined ? status : { ...status, health };
}

/** No retry before the pause is over. */
function withoutRetry({ nextRetryAt: _retry, ...status }: StatusReport): StatusReport {
  return status;
}

/** @param pause the shown part of it; undefined: no pause */
export function withPause({ pause: _earlier, ...status }: StatusReport, pause: Pause | undefined): StatusReport {
  if (pause === undefined) return status;
  // pause.json holds more, which status does not show.
  const { reason, by, since, until } = pause;
  return { ...status, pause: { reason, by, since, until } };
}

function withCordon({ cordon: _earlier, ...status }: StatusReport, cordon: StatusReport["cordon"]): StatusReport {
  return cordon === undefined ? status : { ...status, cordon };
}

function withSlot(
  { slot: _earlier, ...status }: StatusReport,
  { slot }: Extract<RunEvent, { type: "slot-changed" }>,
): StatusReport {
  return slot === undefined ? status : { ...status, slot };
}

function withMaintenance(
  { maintenance: _earlier, ...status }: StatusReport,
  maintenance: NonNullable<StatusReport["maintenance"]>,
): StatusReport {
  return maintenance.length === 0 ? status : { ...status, maintenance };
}

/** A run that converged leaves no drift, so the metric falls. */
function withoutDrift(status: StatusReport, event: Extract<RunEvent, { type: "stage-finished" }>): StatusReport {
  const converged = event.stage === "converge" && (event.outcome === "changed" || event.outcome === "unchanged");
  if (!converged || status.drift === undefined) return status;
  const commit = status.commit ?? status.drift.commit;
  return { ...status, drift: { at: event.at, commit, drifted: 0, resources: [] } };
}

function begin(status: StatusReport, event: Extract<RunEvent, { type: "run-started" }>): StatusReport {
  const { nextRetryAt: _retry, selection: _selection, config: _config, waitsFor: _waited, ...kept } = status;
  const run = {
    id: event.run ?? "",
    cause: event.cause,
    startType: event.startType,
    startedAt: event.at,
    finished: false,
    stages: stageNames.map((stage): StageStatus => ({ stage, state: "pending", text: "", facts: {} })),
  };
  // Notices since the last run belong to this one.
  const notices = kept.notices.flatMap((notice) => (notice.run === undefined ? [{ ...notice, run: run.id }] : []));
  return { ...kept, run, notices };
}

function noticeOf({ run }: StatusReport, event: LogNotice): StatusReport["notices"][number] {
  const during = event.run ?? (run?.finished === false ? run.id : undefined);
  const { code, text, brief } = event;
  return { code, text, ...(during === undefined ? {} : { run: during }), ...(brief === undefined ? {} : { brief }) };
}

function finish(status: StatusReport, event: Extract<RunEvent, { type: "run-finished" }>): StatusReport {
  const { error: _earlier, ...kept } = status;
  const { end } = event;
  // It goes on in the next boot.
  if (end.kind === "rebooting") return kept;
  return {
    ...withFailedTry(kept, event),
    ...(status.run === undefined ? {} : { run: finished(status.run, event) }),
    ...(end.kind === "held" || end.kind === "failed" ? { error: end.error } : {}),
  };
}

/** A stage that was stopped with the run, by another stage's failure or by an operator, is not left running. */
function finished(
  run: NonNullable<StatusReport["run"]>,
  { durationMs, end }: Extract<RunEvent, { type: "run-finished" }>,
): NonNullable<StatusReport["run"]> {
  const stages = run.stages.map((stage): StageStatus => {
    const stopped = stage.state === "running" || stage.state === "waiting";
    return stopped ? { ...withoutWait(stage), state: "skipped", text: "stopped" } : stage;
  });
  const parked = end.kind === "done" && end.parked === true ? { parked: true } : {};
  return { ...run, finished: true, durationMs, end: end.kind, ...parked, stages };
}

/** A wait has begun with the first of the waits in a row, whatever is waited for. */
function updateProgress(status: StatusReport, event: Extract<RunEvent, { type: "stage-progress" }>): StatusReport {
  const { stage, text, waiting, at } = event;
  if (!waiting) return updateStage(stopWaiting(status, stage), stage, { state: "running", text });
  const since = status.run?.stages.find((known) => known.stage === stage)?.waitingSince;
  return updateStage(status, stage, { state: "waiting", text, waitingSince: since ?? at });
}

function stopWaiting(status: StatusReport, stage: StageName): StatusReport {
  if (status.run === undefined) return status;
  const stages = status.run.stages.map((known) => (known.stage === stage ? withoutWait(known) : known));
  return { ...status, run: { ...status.run, stages } };
}

function withoutWait({ waitingSince: _since, ...stage }: StageStatus): StageStatus {
  return stage;
}

/** The table says which state follows. */
function changeState(status: StatusReport, event: Extract<RunEvent, { type: "state-changed" }>): StatusReport {
  const state = event.trigger === undefined ? undefined : nextState(status.state, event.trigger);
  if (state === undefined) return status;
  const { nextRetryAt, pending, ...kept } = withoutReason(status);
  const brief = event.brief === undefined ? {} : { brief: event.brief };
  const since = state === status.state ? status.since : event.at;
  // Only a held instance is retried.
  const retry = state === "held" && nextRetryAt !== undefined ? { nextRetryAt } : {};
  // It may be in service without its names and tags, and out of it without its tags.
  const unsettled = pending === undefined ? {} : { pending };
  const at = state === "held" && event.stage !== undefined ? { heldAt: event.stage } : {};
  const waits = event.waitsFor === undefined ? {} : { waitsFor: event.waitsFor };
  const stays = event.trigger === "must-stay" ? { mustStay: true as const } : {};
  const reason = { reason: event.reason, ...at, ...stays, ...waits, ...brief };
  return withOut(status, { ...kept, ...retry, ...unsettled, ...reason, state, since }, event.at);
}

function withPending({ pending: _before, ...kept }: StatusReport, pending: StatusReport["pending"]): StatusReport {
  return pending === undefined ? kept : { ...kept, pending };
}

function updateStage(status: StatusReport, stage: StageName, change: Partial<StageStatus>): StatusReport {
  if (status.run === undefined) return status;
  const stages = status.run.stages.map((known) => (known.stage === stage ? { ...known, ...change } : known));
  return { ...status, run: { ...status.run, stages } };
}
