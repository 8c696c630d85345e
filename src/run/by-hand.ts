import type { RunEnd, RunRequest } from "../domain/run.ts";
import type { MembershipRequest } from "../ports/agent.ts";
import { readApplied } from "./applied.ts";
import { keptOut } from "./kept-out.ts";
import type { MakeRunDeps } from "./make-run.ts";

/** The most that a machine which goes down waits for users: TimeoutStopSec of muster-leave.service is half a minute more. */
export const longestLeaveMs = 300_000;

/**
 * Takes the instance out of service by wish and waits until the world agrees. Goes on beside a run: the
 * wish is what counts, and a run that is about to join gives way to it.
 */
export async function leave(deps: MakeRunDeps, request: MembershipRequest, signal: AbortSignal): Promise<RunEnd> {
  const { membership, bus } = deps;
  await forgetForeign(deps, signal);
  const before = membership.status().wish;
  // A machine that goes down must not forget that a person had taken it out.
  const { by, reason } = before !== undefined && keptOut(before, deps.bootId, request.by) ? before : request;
  await membership.want({ want: "out", by, reason, bootId: deps.bootId });
  bus.emit({ type: "state-changed", state: "leaving", reason });
  const settled = await membership.settle({
    signal,
    listen: (event) => bus.emit(event),
    ...(request.by === "shutdown" ? { serveLimitMs: longestLeaveMs } : {}),
  });
  if (settled.kind === "superseded")
    return { kind: "done", changed: false, note: `${reason}; it was taken back meanwhile` };
  bus.emit({ type: "state-changed", state: "out-of-service", reason });
  await deps.status.flush();
  return { kind: "done", changed: settled.changed, note: reason };
}

/**
 * A wish of an earlier boot may be another instance's, from which an image was made, until the boot run has
 * looked: what it names still serves and is not ours to take away.
 */
async function forgetForeign({ membership, identity, bootId }: MakeRunDeps, signal: AbortSignal): Promise<void> {
  const { wish } = membership.status();
  if (wish?.owner === undefined || wish.bootId === bootId) return;
  if ((await identity.instanceId(signal)) !== wish.owner.instance) await membership.forget();
}

/**
 * Brings the instance back, unless somebody stronger keeps it out: the gates are passed again, then it joins. What
 * was converged before need not be converged again; an instance that never was, or is held, gets a whole run.
 */
export async function comeBack(
  deps: MakeRunDeps,
  { by }: Pick<MembershipRequest, "by">,
  run: (request: RunRequest) => Promise<RunEnd>,
): Promise<RunEnd> {
  const { membership, bootId } = deps;
  const { wish } = membership.status();
  if (wish !== undefined && keptOut(wish, bootId, by)) return { kind: "done", changed: false, note: wish.reason };
  // A drain is taken back before the gates: one that does not pass yet is retried, as for any other instance.
  if (keptOut(wish, bootId)) {
    await membership.want({ want: "out", by: "run", reason: "joining: the gates come first", bootId });
  }
  const applied = await readApplied(deps.files);
  const whole = applied === undefined || deps.status.current().state === "held";
  return run({
    cause: by === "operator" ? "manual" : "return",
    dryRun: false,
    ...(whole ? {} : { stages: ["health", "register", "dns", "tags"], ref: applied.commit, role: applied.role }),
  });
}
