import { shareTime, stopWantedMs, usualLeave } from "../../domain/membership/leaving.ts";
import type { LeavePolicy } from "../../domain/role/role.ts";
import type { RunEnd } from "../../domain/run/run.ts";
import { formatDuration } from "../../domain/text/units.ts";
import { createDeadline } from "../../lib/async/deadline.ts";
import type { MembershipError } from "../../membership/reconcile/act.ts";
import type { Reconciled } from "../../membership/reconcile/reconciler.ts";
import type { MembershipRequest } from "../../ports/agent.ts";
import { beforeStop } from "./before-stop.ts";
import { keptOut } from "../start/kept-out.ts";
import type { MakeRunDeps } from "../spine/make-run.ts";
import { isPutOff, sayPutOff } from "../state/put-off.ts";
import { changeState } from "../state/change-state.ts";

/**
 * Takes the instance out of service by wish and waits until the endpoints agree, or until the time limit; if the
 * machine goes, then runs the role's commands. Goes on beside a run: the wish decides, and a run that is about to join
 * gives way to it.
 */
export async function leave(deps: MakeRunDeps, request: MembershipRequest, signal: AbortSignal): Promise<RunEnd> {
  const { membership, clock } = deps;
  const begun = clock.monotonicMs();
  await forgetForeign(deps, signal);
  const before = membership.status().wish;
  // A shutdown must not replace an operator's wish.
  const { by, reason } = before !== undefined && keptOut(before, deps.bootId, request.by) ? before : request;
  await membership.want({ want: "out", by, reason, bootId: deps.bootId });
  changeState(deps, { trigger: "leave-began", reason });
  const policy = deps.duty.current()?.role.leave ?? usualLeave;
  const stops = request.by === "shutdown" || request.stops === true;
  const withinMs = request.withinMs ?? (request.by === "shutdown" ? shutdownTimeOf(deps, policy) : Infinity);
  const leftMs = () => withinMs - (clock.monotonicMs() - begun);
  let failure: { readonly error: unknown } | undefined;
  let putOff: MembershipError | undefined;
  let reconciled: Reconciled | "late" | undefined;
  try {
    do reconciled = await reconcileWithin(deps, shareTime(leftMs(), stops ? stopWantedMs(policy) : 0), signal);
    while (reconciled !== "late" && reconciled.kind === "superseded" && stops && staysOut(deps, request));
  } catch (error) {
    signal.throwIfAborted();
    // The commands run even if the instance could not leave every endpoint.
    if (isPutOff(error)) putOff = error;
    else failure = { error };
  }
  if (reconciled !== "late" && reconciled?.kind === "superseded") {
    return { kind: "done", changed: false, note: `${reason}; it was taken back meanwhile` };
  }
  if (stops) await beforeStop(deps, policy.beforeStop, leftMs, signal);
  if (failure !== undefined) throw failure.error;
  const why = membership.status().wish?.reason ?? reason;
  changeState(deps, { trigger: "left", reason: why });
  if (putOff === undefined && deps.status.current().pending !== undefined && reconciled !== "late") {
    deps.bus.emit({ type: "membership-pending" });
  }
  if (putOff !== undefined) sayPutOff(putOff, "Out of service", deps, (event) => deps.bus.emit(event));
  await deps.status.flush();
  const changed = putOff !== undefined || reconciled === "late" || reconciled?.changed === true;
  return { kind: "done", changed, note: why };
}

/** Whether the newer desired state is out of service too: the machine goes anyway. */
function staysOut({ membership, bootId }: MakeRunDeps, { by }: MembershipRequest): boolean {
  return keptOut(membership.status().wish, bootId, by);
}

/** The time-out of muster-leave.service: systemd kills a leave that takes longer. */
function shutdownTimeOf({ status }: MakeRunDeps, { limitMs }: LeavePolicy): number {
  return status.current().watch?.leaveMs ?? limitMs;
}

/** @returns `late` when the time was out: the wish stays, and is reconciled as long as the machine lives */
async function reconcileWithin(
  { membership, clock, bus }: MakeRunDeps,
  { serveMs, reconcileMs }: { readonly serveMs: number; readonly reconcileMs: number },
  signal: AbortSignal,
): Promise<Reconciled | "late"> {
  const deadline = createDeadline(reconcileMs, clock, signal);
  let waitsFor = "another leave that is under way";
  try {
    return await membership.reconcile({
      signal: deadline.signal,
      serveLimitMs: serveMs,
      listen(event) {
        if (event.type === "stage-progress") waitsFor = `${event.stage}: ${event.text}`;
        bus.emit(event);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.isOver()) throw error;
    const text = `Leaving was cut short after ${formatDuration(reconcileMs)}, at ${waitsFor}`;
    bus.emit({ type: "notice", level: "warning", code: "leave-cut-short", text });
    return "late";
  } finally {
    deadline.end();
  }
}

/**
 * A wish of an earlier boot may belong to another instance, from which an image was made, until the boot run has
 * checked: its endpoints still serve and are not ours to leave.
 */
async function forgetForeign({ membership, identity, bootId }: MakeRunDeps, signal: AbortSignal): Promise<void> {
  const { wish } = membership.status();
  if (wish?.owner === undefined || wish.bootId === bootId) return;
  if ((await identity.instanceId(signal)) !== wish.owner.instance) await membership.forget();
}
