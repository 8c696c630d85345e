import type { NoticeCode } from "../domain/error-codes.ts";
import { reportOf } from "../domain/errors.ts";
import type { EventBody } from "../domain/events.ts";
import { createDeadline } from "../lib/async/deadline.ts";
import { jitteredMs } from "../lib/async/periodic.ts";
import { createReportGate } from "../lib/async/report.ts";
import { changeState } from "../run/state/change-state.ts";
import type { DaemonDeps } from "./deps.ts";

type Deps = Pick<DaemonDeps, "membership" | "status" | "bus" | "clock" | "intervals" | "beats">;

/** What the watchdog calls it. */
const loop = "the membership reconciler";

/** A look that takes this much longer than it may hangs, in milliseconds. */
const hangsMs = 3 * 60_000;

/** One look and its repairs. What takes longer is taken up by the next. */
const limitMs = 20_000;

/** How soon a leave is looked at again that waits for users, or while somebody is at work, in milliseconds. */
const soonMs = 1_000;

/**
 * Keeps the world in agreement with the wish between runs: a balancer that forgot this instance on a
 * reload, a record that somebody deleted, what an outage left undone. Looks are jittered, so that a fleet does
 * not look together.
 */
export async function keepMembership(deps: Deps, signal: AbortSignal): Promise<void> {
  const reported = createReportGate<NoticeCode>();
  // A leave that the end of an agent interrupted goes on at once.
  const { everyMs, afterFailureMs } = deps.intervals;
  const jittered = (ms: number) => jitteredMs(ms, deps.clock);
  let pauseMs = deps.status.current().state === "leaving" ? 0 : jittered(afterFailureMs);
  while (true) {
    deps.beats.beat(loop, pauseMs + limitMs + hangsMs);
    await deps.clock.sleep(pauseMs, signal);
    pauseMs = jittered(everyMs);
    const isLeaving = isLeft(deps);
    if (!isIdle(deps)) {
      // Whoever is at work may be about something else than the leave that was interrupted.
      if (isLeaving) pauseMs = soonMs;
      continue;
    }
    const outcome = await reconcile(deps, signal);
    if (outcome.kind === "agrees") reportAgreement(deps, outcome.changed);
    if (outcome.kind === "failed") {
      const isWaiting = isLeaving && outcome.error.code === "membership-unsettled";
      pauseMs = isWaiting ? soonMs : jittered(afterFailureMs);
    }
    reportPending(deps, outcome, pauseMs);
    // The same trouble is told once, not twice a minute.
    const failure = outcome.kind === "failed" ? outcome.error : undefined;
    if (reported.isNew(failure?.code) && failure !== undefined) {
      const text = `Membership: ${failure.message}`;
      deps.bus.emit({ type: "notice", level: "warning", code: failure.code, text });
    }
  }
}

/** Whether somebody who has gone took it out: what leaves of its own accord sees to that by itself. */
function isLeft({ membership, status }: Deps): boolean {
  const by = membership.status().wish?.by;
  return status.current().state === "leaving" && (by === "operator" || by === "shutdown");
}

/** Nobody is at work: a run settles the wish itself, and a wish of an earlier boot waits for its gates. */
export function isIdle(deps: Pick<DaemonDeps, "membership" | "status">): boolean {
  const { run, state, bootId } = deps.status.current();
  const { wish, settling } = deps.membership.status();
  return !settling && run?.finished === true && wish !== undefined && wish.bootId === bootId && state !== "starting";
}

function reportAgreement(deps: Deps, changed: boolean): void {
  const { bus, status, membership } = deps;
  const { wish, settling } = membership.status();
  if (wish === undefined || settling) return;
  if (changed && wish.want === "in") {
    const text = "Balancer, DNS or tags no longer said that this instance is in service; it was put right";
    bus.emit({ type: "notice", level: "warning", code: "membership-repaired", text });
  }
  const { reason, health } = status.current();
  // Whoever could not be asked after the boot has answered, or an instance that had to stay is healthy again.
  if (wish.want === "in" && reason !== wish.reason && health?.healthy !== false) {
    changeState(deps, "agrees-in", { reason: wish.reason });
  }
  // A leave that was interrupted, or failed, has now come to its end.
  if (wish.want === "out") changeState(deps, "agrees-out", { reason: wish.reason });
}

/** Status says what is still to be done, and why, for as long as that is so. */
function reportPending({ bus, status, clock }: Deps, outcome: Outcome, pauseMs: number): void {
  const { pending: before } = status.current();
  if (outcome.kind === "superseded") return;
  if (outcome.kind === "agrees") return before === undefined ? undefined : bus.emit({ type: "membership-pending" });
  const now = clock.now();
  const nextAt = new Date(now.getTime() + pauseMs).toISOString();
  const { code, message: text } = outcome.error;
  const pending = { code, text, since: before?.since ?? now.toISOString(), nextAt };
  bus.emit({ type: "membership-pending", pending });
}

/** What one look came to. */
type Outcome =
  | { readonly kind: "agrees"; readonly changed: boolean }
  | { readonly kind: "failed"; readonly error: { readonly code: NoticeCode; readonly message: string } }
  /** A newer wish came; whoever made it settles it. */
  | { readonly kind: "superseded" };

async function reconcile(deps: Deps, signal: AbortSignal): Promise<Outcome> {
  const deadline = createDeadline(limitMs, deps.clock, signal);
  let waitsFor = "nobody answered";
  function hear(event: EventBody): void {
    if (event.type === "stage-progress") waitsFor = `${event.stage}: ${event.text}`;
  }
  try {
    const settled = await deps.membership.settle({ signal: deadline.signal, listen: hear });
    return settled.kind === "settled" ? { kind: "agrees", changed: settled.changed } : settled;
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.isOver()) return { kind: "failed", error: reportOf(error) };
    return { kind: "failed", error: { code: "membership-unsettled", message: `not as wished yet, ${waitsFor}` } };
  } finally {
    deadline.end();
  }
}
