import { backoffMs, type Backoff } from "../../lib/async/backoff.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { heldBy } from "../../domain/membership/slot.ts";
import { offsetMs } from "../../domain/run/splay.ts";
import { createOnceGate } from "../../lib/async/report.ts";
import { cordonOf } from "../controllers/cordon.ts";
import type { DaemonDeps } from "../deps.ts";
import { tooFewWithout } from "../controllers/minimum.ts";
import { comeBackIfServing, finishPatchLeave, goOn, isOutToPatch, leaveToPatch, patchOutside } from "./patch-leave.ts";
import { leftOf, watchWindows, type OpenWindow } from "./patch-window.ts";

type Deps = Pick<
  DaemonDeps,
  | "executor"
  | "membership"
  | "status"
  | "lifecycle"
  | "files"
  | "bus"
  | "clock"
  | "duty"
  | "scheduler"
  | "pause"
  | "departures"
  | "slots"
  | "balancer"
>;

/** Between two attempts within a window. The owner of the slot is busy for minutes, and a whole fleet asks one zone. */
const betweenAttempts: Backoff = { firstMs: 20_000, maxMs: 120_000, jitter: "upper-half" };

/**
 * Patches a serving instance in the windows of its role: checks what is due, takes a slot, leaves service, makes a run
 * that may reboot, and comes back. The state of a patch leave is on disk: the slot and the wish.
 */
export async function keepPatching(deps: Deps, signal: AbortSignal): Promise<void> {
  await finishPatchLeave(deps, signal);
  const windows = await watchWindows(deps, (error) => say(deps, reportOf(error).code, reportOf(error).message));
  try {
    while (true) {
      const window = await windows.next(signal);
      await workWindow(window, deps, signal);
      await windows.close(window);
    }
  } finally {
    windows.end();
  }
}

/** Why the instance has not patched yet. With a code, if the operator should hear of it before the window closes. */
type NotYet = { readonly why: string; readonly code?: LogNoticeCode };

async function workWindow(window: OpenWindow, deps: Deps, signal: AbortSignal): Promise<void> {
  const { clock } = deps;
  const leftMs = () => leftOf(window, clock.now());
  await clock.sleep(Math.max(0, startOf(window, deps) - clock.now().getTime()), signal);
  const reported = createOnceGate<LogNoticeCode>();
  let last = "there was no time";
  // If the run cannot start, the instance is still out of service. Keep retrying after the window closes.
  for (let attempt = 1; leftMs() > 0 || isOutToPatch(deps); attempt += 1) {
    const notYet = await patchNow(window, deps, signal);
    if (notYet === undefined) return;
    const { why, code } = notYet;
    if (code !== undefined && reported.isNew(code)) say(deps, code, `Not patched yet: ${why}`);
    last = why;
    const pauseMs = backoffMs(betweenAttempts, attempt, clock);
    await clock.sleep(isOutToPatch(deps) ? pauseMs : Math.min(pauseMs, leftMs()), signal);
  }
  say(deps, "patch-window-missed", `The patch window closed before this instance patched: ${last}`);
}

/** Instances start at different times in the first half of the window; the second half is for waiting for a slot. */
function startOf({ opensAt, closesAt }: OpenWindow, { duty }: Deps): number {
  const opens = Date.parse(opensAt);
  const instance = duty.current()?.identity.instance.id ?? "";
  return opens + offsetMs(instance, "patch", (Date.parse(closesAt) - opens) / 2);
}

/** @returns undefined when nothing is left to do in this window */
async function patchNow(window: OpenWindow, deps: Deps, signal: AbortSignal): Promise<NotYet | undefined> {
  try {
    if (isOutToPatch(deps)) return await goOn(deps, signal);
    const duty = deps.duty.current();
    if (duty?.role.schedule.patch === undefined) return undefined;
    const objection = objectionOf(deps);
    if (objection !== undefined) return { why: objection };
    await comeBackIfServing(deps, signal);
    const due = await deps.executor.patchDue(`look-${Date.parse(window.opensAt)}`, signal);
    if (due.length === 0) return undefined;
    const tooFew = await tooFewWithout(deps, undefined, signal);
    if (tooFew !== undefined) return { why: tooFew, code: "minimum-reached" };
    // The check takes minutes, and longer behind a run: ask for objections again.
    const since = objectionOf(deps);
    if (since !== undefined) return { why: since };
    const answer = await deps.slots.use("patch", duty, signal, () => leaveToPatch(deps, signal));
    if (answer.kind === "busy") return { why: heldBy(answer.owners), code: "slot-busy" };
    if (answer.kind === "unguarded") {
      say(deps, "slot-missing", `Nothing keeps others from patching at the same time: ${answer.why}`);
    }
    await patchOutside(deps, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    return { why: message, code };
  }
}

/** Why the instance does not leave to patch now. */
function objectionOf(deps: Deps): string | undefined {
  const { pause, status, membership } = deps;
  const { state, reason } = status.current();
  const cordon = cordonOf(deps);
  if (cordon !== undefined) return cordon.reason;
  const paused = pause.current();
  if (paused !== undefined) return `paused by ${paused.by}: ${paused.reason}`;
  const serves = state === "in-service" && membership.status().wish?.want === "in";
  return serves ? undefined : `not in service: ${reason}`;
}

function say({ bus }: Pick<Deps, "bus">, code: LogNoticeCode, text: string): void {
  bus.emit({ type: "notice", level: "warning", code, text });
}
