import { MembershipError } from "../../membership/reconcile/act.ts";
import type { EventBody } from "../../domain/run/events.ts";
import type { RunDeps } from "../spine/deps.ts";

type Deps = Pick<RunDeps, "clock" | "pace">;

/** Whether the instance is where it is wanted, but for what the failure is about. */
export function isPutOff(error: unknown): error is MembershipError {
  return error instanceof MembershipError && error.putOff;
}

/** Says what is still to be done, and when the daemon tries it again. @param where "In service" or "Out of service" */
export function sayPutOff(error: MembershipError, where: string, deps: Deps, emit: (event: EventBody) => void): void {
  const now = deps.clock.now();
  const { stage, code, message } = error;
  const nextAt = new Date(now.getTime() + deps.pace.intervals.afterFailureMs).toISOString();
  emit({ type: "membership-pending", pending: { code, stage, text: message, since: now.toISOString(), nextAt } });
  const text = `${where} without its ${stage === "dns" ? "names" : "state tags"}, which are tried again: ${message}`;
  emit({ type: "notice", level: "warning", code, text });
}
