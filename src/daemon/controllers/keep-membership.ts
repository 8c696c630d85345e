import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import { isOutage, isThrottled } from "../../domain/errors/outage.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { EventBody } from "../../domain/run/events.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import { answerWithin, createDeadline } from "../../lib/async/deadline.ts";
import { jitteredMs } from "../../lib/async/periodic.ts";
import { createReportGate } from "../../lib/async/report.ts";
import { isPutOff, pendingOf } from "../../run/state/put-off.ts";
import { resyncStatus } from "../../run/state/resync-status.ts";
import type { DaemonDeps } from "../deps.ts";
import { staysSo } from "../until-status.ts";
import { createNamesInDns, type NamesInDns } from "./names-in-dns.ts";

type Deps = Pick<DaemonDeps, "membership" | "status" | "bus" | "clock" | "intervals" | "beats" | "lifecycle">;

/** The name of this loop for the watchdog. */
const loop = "the membership reconciler";

/** A cycle that takes this much longer than its limit hangs, in milliseconds. */
const hangsMs = 3 * 60_000;

/** The time limit of one cycle with its repairs. The next cycle goes on with the rest. */
const limitMs = 20_000;

/** The interval while a leave waits for users or for a run, in milliseconds. */
const soonMs = 1_000;

/**
 * Keeps endpoints in agreement with the wish between runs: after a balancer reload that lost this instance, a deleted
 * record, or an outage. Intervals are jittered, so that a fleet spreads its requests.
 */
export async function keepMembership(deps: Deps, signal: AbortSignal): Promise<void> {
  const reported = createReportGate<LogNoticeCode>();
  const names = createNamesInDns(deps);
  // A leave that was interrupted by the end of an agent continues at once.
  const { afterFailureMs } = deps.intervals;
  const jittered = (ms: number) => jitteredMs(ms, deps.clock);
  let failures = 0;
  // A run that ended before this loop began may have put something off.
  let wasPutOff = deps.status.current().pending !== undefined;
  let pauseMs = deps.status.current().state === "leaving" ? 0 : jittered(afterFailureMs);
  while (true) {
    deps.beats.beat(loop, pauseMs + limitMs + hangsMs);
    if ((await waitOut(deps, names, pauseMs, failures === 0, signal)) === "put-off") {
      wasPutOff = true;
      pauseMs = jittered(afterFailureMs);
      continue;
    }
    pauseMs = jittered(usualMs(deps));
    const isLeaving = isLeft(deps);
    if (!isIdle(deps)) {
      // The work under way may have nothing to do with the interrupted leave.
      if (isLeaving) pauseMs = soonMs;
      continue;
    }
    if (await isGroupsToTake(deps, signal)) {
      pauseMs = jittered(afterFailureMs);
      continue;
    }
    const stages = names.stages();
    const outcome = await reconcile(deps, stages, signal);
    names.passed(stages, outcome.kind === "agrees" ? outcome.changed : undefined);
    if (outcome.kind === "agrees") {
      reportAgreement(deps, outcome.changed);
      // The answer may have shown for the first time how large the group is.
      pauseMs = jittered(usualMs(deps));
    }
    failures = outcome.kind === "failed" ? failures + 1 : 0;
    if (outcome.kind === "agrees") wasPutOff = false;
    if (outcome.kind === "failed") {
      const isWaiting = isLeaving && outcome.error.code === "membership-unsettled";
      pauseMs = isWaiting ? soonMs : jittered(pauseAfter(deps, outcome, failures, wasPutOff));
    }
    // But for what is put off the instance is where it is wanted: a leave or a join that failed before has come to its end.
    if (outcome.kind === "failed" && isPutOff(outcome.error)) resyncStatus(deps, { agrees: true });
    reportPending(deps, outcome, pauseMs);
    // Report a failure once, not at every interval.
    const failure = outcome.kind === "failed" ? outcome.error : undefined;
    if (reported.isNew(failure?.code) && failure !== undefined) {
      const text = `Membership: ${failure.message}`;
      deps.bus.emit({ type: "notice", level: "warning", code: failure.code, text });
    }
  }
}

/**
 * Waits for the next cycle, and not longer than until a run ends with something put off: it has said when that is tried
 * again. Meanwhile DNS servers are asked for the names of this instance.
 * @param hurries whether a name that is gone ends the wait
 */
async function waitOut(
  deps: Deps,
  names: NamesInDns,
  pauseMs: number,
  hurries: boolean,
  signal: AbortSignal,
): Promise<"over" | "put-off"> {
  const untilMs = deps.clock.monotonicMs() + pauseMs;
  const known = deps.status.current().pending?.since;
  const isAsBefore = ({ pending }: StatusReport) => pending === undefined || pending.since === known;
  let leftMs = pauseMs;
  while (true) {
    if (!(await staysSo(deps, isAsBefore, Math.min(leftMs, names.pauseMs()), signal))) return "put-off";
    const areGone = isIdle(deps) && (await names.areGone(signal));
    leftMs = Math.floor(untilMs - deps.clock.monotonicMs());
    if ((areGone && hurries) || leftMs <= 0) return "over";
  }
}

/** The metadata answers at once, or is in trouble: the pass goes on without it. */
const metadataMs = 5_000;

/**
 * Whether the Auto Scaling group takes this instance out, and the departure is still to be noticed: a target that drains
 * for that is not registered again. Costs no call.
 */
async function isGroupsToTake({ lifecycle, membership, clock }: Deps, signal: AbortSignal): Promise<boolean> {
  if (membership.status().wish?.want !== "in") return false;
  const ask = (own: AbortSignal) => lifecycle.target(own).catch(() => undefined);
  const target = await answerWithin(metadataMs, clock, signal, ask);
  return target === "terminated" || target === "standby" || target === "detached";
}

/** The usual interval, in milliseconds. A large group observes more seldom: its members share the account's buckets. */
function usualMs({ intervals, membership }: Pick<Deps, "intervals" | "membership">): number {
  const { everyMs, memberMs = 0 } = intervals;
  return Math.max(everyMs, memberMs * (membership.status().size ?? 0));
}

/** Pauses grow to this many times the usual interval. */
const longestPause = 4;

/**
 * So many tries of what a run put off follow each other without a longer pause while the account is throttled: a
 * thousand boots at once need about twelve minutes of Route 53, and each instance that is through leaves the others more.
 */
const throttledTries = 12;

/**
 * The pause after so many failures in a row, in milliseconds. A service that is busy or gone is asked more seldom than
 * one that answers: a fleet that asks more often in trouble keeps the trouble going. Names that a run put off are
 * wanted soon at first.
 */
function pauseAfter(
  { intervals, membership }: Deps,
  { isOutage: busy, isThrottled }: Failed,
  failures: number,
  wasPutOff: boolean,
): number {
  const { afterFailureMs } = intervals;
  const everyMs = usualMs({ intervals, membership });
  if (membership.status().wish?.want === "out") return afterFailureMs;
  // What a run put off is still to be done: the size of the group, by which looks grow rare, does not count.
  if (wasPutOff) {
    const doublings = Math.min(Math.max(0, failures - (isThrottled ? throttledTries : 1)), 10);
    return Math.min((busy ? longestPause : 1) * intervals.everyMs, afterFailureMs * 2 ** doublings);
  }
  const first = busy ? everyMs : afterFailureMs;
  return Math.min(busy ? longestPause * everyMs : everyMs, first * 2 ** Math.min(failures - 1, 10));
}

/** Whether an operator or a shutdown took the instance out. Departures and patches continue by themselves. */
function isLeft({ membership, status }: Deps): boolean {
  const by = membership.status().wish?.by;
  return status.current().state === "leaving" && (by === "operator" || by === "shutdown");
}

/** True if no run is under way: a run reconciles by itself, and a wish of an earlier boot waits for the gates. */
export function isIdle(deps: Pick<DaemonDeps, "membership" | "status">): boolean {
  const { run, state, bootId } = deps.status.current();
  const { wish, reconciling } = deps.membership.status();
  return !reconciling && run?.finished === true && wish !== undefined && wish.bootId === bootId && state !== "starting";
}

function reportAgreement(deps: Deps, changed: boolean): void {
  const { wish, reconciling } = deps.membership.status();
  // What was put off until now was said.
  const isExpected = deps.status.current().pending !== undefined;
  if (changed && wish?.want === "in" && !reconciling && !isExpected) {
    const text = "Balancer, DNS or tags no longer said that this instance is in service; it was put right";
    deps.bus.emit({ type: "notice", level: "warning", code: "membership-repaired", text });
  }
  resyncStatus(deps, { agrees: true });
}

/** Keeps `pending` of the status up to date: what is still to be done, and why. */
function reportPending({ bus, status, clock }: Deps, outcome: Outcome, pauseMs: number): void {
  const { pending: before } = status.current();
  if (outcome.kind === "superseded") return;
  if (outcome.kind === "agrees") return before === undefined ? undefined : bus.emit({ type: "membership-pending" });
  const now = clock.now();
  const nextAt = new Date(now.getTime() + pauseMs).toISOString();
  bus.emit({
    type: "membership-pending",
    pending: pendingOf(outcome.error, before?.since ?? now.toISOString(), nextAt),
  });
}

/** The result of one cycle. */
type Outcome =
  | { readonly kind: "agrees"; readonly changed: boolean }
  | Failed
  /** A newer wish exists; its caller reconciles it. */
  | { readonly kind: "superseded" };

type Failed = {
  readonly kind: "failed";
  readonly error: { readonly code: LogNoticeCode; readonly message: string };
  /** Whether a service did not answer, instead of refusing. */
  readonly isOutage: boolean;
  readonly isThrottled: boolean;
};

async function reconcile(
  deps: Deps,
  stages: readonly MembershipStage[] | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const deadline = createDeadline(limitMs, deps.clock, signal);
  let waitsFor = "no answer came";
  function hear(event: EventBody): void {
    if (event.type === "stage-progress") waitsFor = `${event.stage}: ${event.text}`;
  }
  try {
    // One try for each stage: the next one is made after a pause, and not within the pass.
    return await deps.membership.reconcile({ signal: deadline.signal, listen: hear, failLimitMs: 0, stages });
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.isOver()) {
      const error = { code: "membership-unsettled", message: `not as wished yet, ${waitsFor}` } as const;
      return { kind: "failed", error, isOutage: false, isThrottled: false };
    }
    const failure = error instanceof MusterError ? error : reportOf(error);
    return { kind: "failed", error: failure, isOutage: isOutage(error), isThrottled: isThrottled(error) };
  } finally {
    deadline.end();
  }
}
