import { MembershipError } from "../../membership/reconcile/act.ts";
import type { Pending, PendingPart } from "../../domain/membership/membership.ts";
import type { EventBody } from "../../domain/run/events.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import type { RunDeps } from "../spine/deps.ts";

type Deps = Pick<RunDeps, "clock" | "pace">;

/** Whether the instance is where it is wanted, but for what the failure is about. */
export function isPutOff(error: unknown): error is MembershipError {
  return error instanceof MembershipError && error.putOff;
}

const without: Readonly<Record<MembershipStage, string>> = {
  register: "an answer of its balancer",
  dns: "its names",
  tags: "its state tags",
};

/** What failed, as the status shows it. @param since since when it has been pending; both ISO 8601 */
export function pendingOf(
  error: { readonly code: string; readonly message: string },
  since: string,
  nextAt: string,
): Pending {
  const others = error instanceof MembershipError ? error.others.map(partOf) : [];
  return { ...partOf(error), since, nextAt, ...(others.length === 0 ? {} : { others }) };
}

function partOf(error: { readonly code: string; readonly message: string }): PendingPart {
  const { code, message: text } = error;
  return { code, text, ...(error instanceof MembershipError ? { stage: error.stage } : {}) };
}

/** Says what is still to be done, and when the daemon tries it again. @param where "In service" or "Out of service" */
export function sayPutOff(error: MembershipError, where: string, deps: Deps, emit: (event: EventBody) => void): void {
  const now = deps.clock.now();
  const failed = [error, ...error.others];
  const nextAt = new Date(now.getTime() + deps.pace.intervals.afterFailureMs).toISOString();
  emit({ type: "membership-pending", pending: pendingOf(error, now.toISOString(), nextAt) });
  const what = failed.map((one) => without[one.stage]).join(" and ");
  const why = failed.map(({ message }) => message).join("; ");
  const isOne = failed.length === 1 && error.stage === "register";
  const text = `${where} without ${what}, which ${isOne ? "is" : "are"} tried again: ${why}`;
  emit({ type: "notice", level: "warning", code: error.code, text });
}
