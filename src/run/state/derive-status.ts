// What the status has to say now. status.json, the journal of the last run and the desired membership are written one
// after the other: a crash, a boot or a lost file leaves them apart. Here, and nowhere else, they are brought together.
//
//   the status is of an earlier boot                      -> booted
//   it knows of no run, and the desired state is in       -> status-lost
//   the last run has ended, and the status does not say   -> run-finished, and what that end makes of the state
//   it says in service, and the desired state is out      -> leave-began
//   the reconciler saw the world agree                    -> agrees-in, agrees-out
//   the daemon does not answer a reader                   -> the status says so first
import { briefError, ownWords } from "../../domain/redact/brief.ts";
import { reportDaemonFailure, type DaemonFailure } from "../../domain/instance/daemon-failure.ts";
import type { EventBody, RunEvent } from "../../domain/run/events.ts";
import { nextState } from "../../domain/instance/transitions.ts";
import type { Wish } from "../../domain/membership/membership.ts";
import type { Cause, RunEnd } from "../../domain/run/run.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import { withOut } from "./out-of-service.ts";
import { initialStatus, reduceStatus, withoutReason } from "./status.ts";
import { stateChanged, type Change } from "./change-state.ts";

/** A run that has ended, by its journal. */
export type EndedRun = {
  readonly run: string;
  readonly cause: Cause;
  readonly end: RunEnd;
  readonly durationMs: number;
  /** Whether it had to pass the gates: the instance did not serve when it began, and it was to join. */
  readonly gated: boolean;
};

/** The known facts. An absent part was not observed, and nothing is derived from it. */
export type Known = {
  /** Undefined where there is none, or it is damaged. */
  readonly status: StatusReport | undefined;
  readonly bootId: string;
  /** ISO 8601. */
  readonly at: string;
  readonly membership?: {
    readonly wish?: Wish | undefined;
    /** Whether a caller of the reconciler is at work. That caller reports what becomes of the state. */
    readonly reconciling: boolean;
  };
  /** The last run of this boot. */
  readonly ended?: EndedRun;
  /** Whether the reconciler has just seen that the world is as desired. */
  readonly agrees?: boolean;
  /** Why the daemon does not answer the process that reads. */
  readonly failure?: DaemonFailure;
};

export type Derived = {
  readonly status: StatusReport;
  /** What brings the status of this boot there, for the bus. */
  readonly events: readonly RunEvent[];
};

/** Pure. What it has derived once it does not derive again. */
export function deriveStatus(known: Known): Derived {
  const before = known.status ?? initialStatus(known.bootId, known.at);
  let status = before.bootId === known.bootId ? before : afterBoot(before, known);
  const events: RunEvent[] = [];
  for (const rule of [afterLoss, afterRun, afterUntoldLeave, afterAgreement]) {
    for (const event of rule(status, known)) {
      events.push(event);
      status = reduceStatus(status, event);
    }
  }
  return { status: known.failure === undefined ? status : withoutDaemon(status, known.failure), events };
}

/** A machine that went down serves no more, and what was to come in that boot does not come. */
function afterBoot(status: StatusReport, { bootId, at }: Known): StatusReport {
  const { nextRetryAt: _retry, health: _health, ...kept } = withoutReason(status);
  const reason =
    status.state === "rebooting"
      ? "the machine rebooted as planned and its run has not gone on yet"
      : "the machine booted and its boot run has not begun";
  const booted = { ...kept, bootId, state: nextState(status.state, "booted") ?? status.state, since: at, reason };
  return withOut(status, booted, at);
}

/** The desired state is in service by a run of this boot, of which the status knows nothing. */
function afterLoss({ run, state }: StatusReport, { membership, bootId, at }: Known): readonly RunEvent[] {
  const wish = membership?.wish;
  if (run !== undefined || wish?.want !== "in" || wish.bootId !== bootId) return [];
  return stamped(at, stateChanged(state, { trigger: "status-lost", reason: wish.reason }));
}

/**
 * A run has ended, just now or before an agent died that could not report it. Where the beginning is not in the status
 * either, as after a full disk, that is reported too.
 */
function afterRun({ run, state }: StatusReport, known: Known): readonly RunEvent[] {
  const { ended, at } = known;
  if (ended === undefined || run?.id !== ended.run || (run.finished && state !== "starting")) return [];
  const { end, durationMs, gated } = ended;
  const begun = gated && state !== "starting" ? stateChanged(state, runBegan(ended)) : undefined;
  const change = changeBy(end, known);
  const changed = change && stateChanged(begun?.state ?? state, change);
  if (run.finished && changed === undefined) return [];
  const events = [begun, { type: "run-finished", end, durationMs } as const, changed];
  return events.flatMap((event) => stamped(at, event, ended.run));
}

/** What a run that has to pass the gates makes of the state when it begins. */
export function runBegan({ run, cause }: Pick<EndedRun, "run" | "cause">): Change {
  return { trigger: "run-began", reason: `run ${run} (${cause}) is under way` };
}

/** What the end of a run makes of the state; undefined where it decides nothing. */
function changeBy(end: RunEnd, { membership, bootId }: Known): Change | undefined {
  const { wish, reconciling = false } = membership ?? {};
  switch (end.kind) {
    case "in-service":
    case "unconfirmed": {
      const out = desiredOut(wish, bootId);
      // Taken out after the run had joined. A leave that is at work reports itself, another one is reported here.
      if (out !== undefined) return reconciling ? undefined : { trigger: "leave-began", reason: out.reason };
      if (end.kind === "in-service") return { trigger: "gates-passed", reason: wish?.reason ?? "every gate passed" };
      return { trigger: "gates-passed", reason: end.note, brief: ownWords(end.note) };
    }
    case "held": {
      const { stage, error } = end;
      const brief = `${stage}: ${briefError(error)}`;
      return { trigger: "gate-failed", reason: `${stage}: ${error.message}`, brief, stage };
    }
    case "done":
      if (reconciling || wish?.want !== "out" || end.note === undefined) return undefined;
      return { trigger: "kept-out", reason: end.note };
    case "rebooting":
      return { trigger: "reboot-planned", reason: `planned, after ${end.stage}: ${end.reasons.join("; ")}` };
    case "failed":
      return undefined;
  }
}

/** An agent died, or a run failed, between the desired state and the report that the instance leaves. */
function afterUntoldLeave({ run, state }: StatusReport, { membership, bootId, at }: Known): readonly RunEvent[] {
  const out = desiredOut(membership?.wish, bootId);
  if (state !== "in-service" || out === undefined || membership?.reconciling !== false || run?.finished === false)
    return [];
  return stamped(at, stateChanged(state, { trigger: "leave-began", reason: out.reason }));
}

/** The reconciler has ended what was interrupted, or asked what could not be asked before. */
function afterAgreement({ state, reason, health }: StatusReport, known: Known): readonly RunEvent[] {
  const { membership, agrees = false, at } = known;
  const { wish, reconciling } = membership ?? {};
  if (!agrees || wish === undefined || reconciling !== false) return [];
  if (wish.want === "out") return stamped(at, stateChanged(state, { trigger: "agrees-out", reason: wish.reason }));
  if (reason === wish.reason || health?.healthy === false) return [];
  return stamped(at, stateChanged(state, { trigger: "agrees-in", reason: wish.reason }));
}

/** The status on disk, which no daemon updates. Before a planned reboot of the machine the agent goes first. */
function withoutDaemon(status: StatusReport, failure: DaemonFailure): StatusReport {
  if (failure.kind === "gone" && status.state === "rebooting") return status;
  const { version, ...last } = failure.kind === "gone" ? withoutRun(status) : status;
  return { version, daemon: { answers: false, ...reportDaemonFailure(failure) }, ...last };
}

/** A run that is under way in the status has stopped with its daemon. */
function withoutRun(status: StatusReport): StatusReport {
  const { run, brief: _brief, ...known } = status;
  if (run === undefined || run.finished) return status;
  const message = `Run ${run.id} stopped before its end: the agent is not running`;
  const hint = "Find out why with systemctl status muster; systemctl start muster goes on with the run.";
  return { ...known, run, reason: message, error: { code: "daemon-unreachable", message, hint } };
}

/** The desired state, if that is out of service in this boot. A person's outlives a boot. */
function desiredOut(wish: Wish | undefined, bootId: string): Wish | undefined {
  return wish?.want === "out" && (wish.by === "operator" || wish.bootId === bootId) ? wish : undefined;
}

function stamped(at: string, body: EventBody | undefined, run?: string): readonly RunEvent[] {
  return body === undefined ? [] : [{ ...body, at, ...(run === undefined ? {} : { run }) }];
}
