import type { RunEvent } from "../../domain/run/events.ts";
import type { OutOfService, StatusReport } from "../../domain/instance/status.ts";

type Known = Pick<StatusReport, "out" | "state" | "since">;

/** Since when the instance is out of service: a change between two states in which it is out keeps it. Pure. */
export function outSince({ out, state, since }: Known, at: string): OutOfService {
  return out ?? { since: state === "in-service" ? at : since, tries: 0 };
}

/** With the state that follows; nothing is kept of an instance that is in service. Pure. */
export function withOut(before: Known, after: StatusReport, at: string): StatusReport {
  const { out: _before, ...kept } = after;
  return after.state === "in-service" ? kept : { ...kept, out: outSince(before, at) };
}

/** With one more try that failed. Pure. */
export function withFailedTry(
  status: StatusReport,
  { at, run, end }: Extract<RunEvent, { type: "run-finished" }>,
): StatusReport {
  if (end.kind !== "held" || status.state === "in-service") return status;
  const { since, tries } = outSince(status, at);
  const failure = { at, run: run ?? status.run?.id ?? "", stage: end.stage, error: end.error };
  return { ...status, out: { since, tries: tries + 1, failure } };
}
