import type { ErrorReport } from "../../domain/errors/errors.ts";
import type { StageName } from "../../domain/run/run.ts";
import type { OutOfService, StageStatus, StatusReport } from "../../domain/instance/status.ts";
import type { ExplainInput } from "./input.ts";

export type RunStatus = NonNullable<StatusReport["run"]>;

/** The situation of the instance, classified once for verdict, advice and outlook. */
export type Situation =
  /** The status could not be read. */
  | { readonly kind: "unknown" }
  /** This boot had no run yet. */
  | { readonly kind: "before-run"; readonly status: StatusReport }
  | {
      readonly kind: "under-way";
      readonly status: StatusReport;
      readonly run: RunStatus;
      readonly stage: StageStatus | undefined;
      /** Of the tries before, if one failed since the instance was last in service. */
      readonly failure?: NonNullable<OutOfService["failure"]>;
    }
  /** The run is not over, but no process makes it. */
  | {
      readonly kind: "stopped";
      readonly status: StatusReport;
      readonly run: RunStatus;
      readonly stage: StageStatus | undefined;
    }
  | {
      readonly kind: "held";
      readonly status: StatusReport;
      readonly stage: StageName | undefined;
      readonly error: ErrorReport;
    }
  | { readonly kind: "out" | "leaving" | "rebooting"; readonly status: StatusReport }
  | {
      readonly kind: "serving";
      readonly status: StatusReport;
      /** Unconfirmed: every gate passed, but the services of membership did not answer. */
      readonly unconfirmed: boolean;
      /** Of the last run, if it failed. */
      readonly failure?: { readonly stage: StageName | undefined; readonly error: ErrorReport };
    };

export function situationOf({ status, agent }: Pick<ExplainInput, "status" | "agent">): Situation {
  if (status === undefined) return { kind: "unknown" };
  const { run } = status;
  // From any version of muster: a newer one may know more states.
  const state: string = status.state;
  const underWay = run !== undefined && !run.finished;
  const stage = underWay ? stageAtWork(run) : undefined;
  // The machine goes down, and the agent with it.
  if (underWay && agent.kind === "gone" && state !== "rebooting") return { kind: "stopped", status, run, stage };
  switch (state) {
    case "new":
    case "starting":
      if (!underWay) return { kind: "before-run", status };
      return {
        kind: "under-way",
        status,
        run,
        stage,
        ...(status.out?.failure === undefined ? {} : { failure: status.out.failure }),
      };
    case "held":
      return { kind: "held", status, stage: heldAt(status), error: status.error ?? unknownError(status) };
    case "leaving":
      return { kind: "leaving", status };
    case "rebooting":
      return { kind: "rebooting", status };
    case "in-service":
      return { kind: "serving", status, unconfirmed: run?.end === "unconfirmed", ...failureOf(status) };
    case "out-of-service":
    default:
      return { kind: "out", status };
  }
}

/** The relevant stage: the one that failed, waits or works. */
export function stageOf(situation: Situation): StageName | undefined {
  switch (situation.kind) {
    case "held":
      return situation.stage;
    case "under-way":
    case "stopped":
      return situation.stage?.stage;
    case "serving":
      return situation.failure?.stage;
    default:
      return undefined;
  }
}

/** Two stages work at once while the package index is refreshed: the waiting one matters. */
function stageAtWork({ stages }: RunStatus): StageStatus | undefined {
  const waiting = stages.find(({ state }) => state === "waiting");
  return waiting ?? stages.find(({ state }) => state === "running");
}

/** An older binary did not record the stage: it is the one that failed in its run. */
function heldAt({ heldAt: at, run }: StatusReport): StageName | undefined {
  return at ?? run?.stages.find(({ state }) => state === "failed")?.stage;
}

function failureOf({ error, run }: StatusReport): Pick<Extract<Situation, { kind: "serving" }>, "failure"> {
  if (error === undefined) return {};
  return { failure: { error, stage: run?.stages.find(({ state }) => state === "failed")?.stage } };
}

/** Held by an older binary, which kept no error. */
function unknownError({ reason }: StatusReport): ErrorReport {
  return { code: "internal", message: reason, hint: "" };
}
