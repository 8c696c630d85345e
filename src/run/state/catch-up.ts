import type { StageStatus, StatusReport } from "../../domain/instance/status.ts";
import type { EventBody } from "../../domain/run/events.ts";

/** The missed events of the run under way for a late listener, made from the status. Pure. */
export function catchUp(status: StatusReport): readonly EventBody[] {
  const { run } = status;
  if (run === undefined || run.finished) return [];
  const { cause, startType } = run;
  const begun: EventBody = { type: "run-started", cause, startType, dryRun: false, resumed: false };
  return [begun, ...run.stages.flatMap(eventsOfStage)];
}

function eventsOfStage(known: StageStatus): readonly EventBody[] {
  const { stage, state, text, durationMs = 0, facts, error } = known;
  switch (state) {
    case "pending":
      return [];
    case "running":
    case "waiting":
      return [
        { type: "stage-started", stage },
        { type: "stage-progress", stage, text, waiting: state === "waiting" },
      ];
    default:
      return [
        {
          type: "stage-finished",
          stage,
          outcome: state,
          durationMs,
          summary: text,
          facts,
          ...(error === undefined ? {} : { error }),
        },
      ];
  }
}
