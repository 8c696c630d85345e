import { backOff, type Backoff } from "../lib/async/backoff.ts";
import { isMetadataFailure } from "../domain/errors/code-kinds.ts";
import { reportOf } from "../domain/errors/errors.ts";
import type { EventBody } from "../domain/run/events.ts";
import { createReportGate, type ReportGate } from "../lib/async/report.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupMembership, Lifecycle, PendingHook } from "../ports/lifecycle.ts";
import { isAboutToWait, isBeingTakenOut, launchHooks, terminationHooks } from "./hooks.ts";

export type HeartbeatDeps = {
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly emit: (event: EventBody) => void;
};

const backoff: Backoff = { firstMs: 1_000, maxMs: 60_000 };

/** Between two observations of a group whose hooks do not wait yet, in milliseconds. */
const soonMs = 5_000;

type Transition = PendingHook["transition"];

/** The hooks of each transition, and whether they are about to wait. */
const transitions = {
  launching: { hooksOf: launchHooks, isAbout: isAboutToWait, name: "launch hook" },
  terminating: { hooksOf: terminationHooks, isAbout: isBeingTakenOut, name: "termination hook" },
} as const satisfies Record<
  Transition,
  {
    readonly hooksOf: (group: GroupMembership) => readonly PendingHook[];
    readonly isAbout: (group: GroupMembership) => boolean;
    readonly name: string;
  }
>;

/**
 * Keeps the hooks of a transition waiting for this instance while `work` goes on. Stops before the work ends when no
 * hook waits any longer: the hook is completed, or Auto Scaling's global time-out is over. A failed heartbeat never
 * fails the work.
 */
export async function keepingHooks<T>(
  deps: HeartbeatDeps,
  signal: AbortSignal,
  work: () => Promise<T>,
  transition: Transition = "launching",
): Promise<T> {
  const over = new AbortController();
  const beating = keepBeating(deps, transition, AbortSignal.any([signal, over.signal]));
  try {
    return await work();
  } finally {
    over.abort(new Error("the work is done"));
    await beating;
  }
}

async function keepBeating(deps: HeartbeatDeps, transition: Transition, signal: AbortSignal): Promise<void> {
  const { clock } = deps;
  let failures = 0;
  const reported = createReportGate<string>();
  while (true) {
    try {
      const pauseMs = await beat(deps.lifecycle, transition, signal);
      if (pauseMs === undefined) return;
      failures = 0;
      await clock.sleep(pauseMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      // A hook may wait already.
      if (isLate(error)) await clock.sleep(soonMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (isLate(error)) continue;
      report(deps, transition, error, reported);
      await backOff(backoff, failures, clock, signal, error).catch(() => undefined);
    }
    if (signal.aborted) return;
  }
}

/** @returns when the next heartbeat is due, in milliseconds; undefined when no hook waits for this instance */
async function beat(lifecycle: Lifecycle, transition: Transition, signal: AbortSignal): Promise<number | undefined> {
  const { hooksOf, isAbout } = transitions[transition];
  const group = await lifecycle.observe(signal);
  if (group === undefined) return undefined;
  if (isAbout(group)) return soonMs;
  // One of several hooks is muster's, and a heartbeat decides nothing: an operator gets the time to say which.
  const unclaimed = transition === "launching" ? (group.unclaimed ?? []) : [];
  const hooks = [...hooksOf(group), ...unclaimed];
  if (hooks.length === 0) return undefined;
  for (const { name } of hooks) await lifecycle.heartbeat(group.group, name, signal);
  // Half of the time that a heartbeat buys: the next one comes in time even when one fails.
  return Math.min(...hooks.map(({ heartbeatSeconds }) => heartbeatSeconds)) * 500;
}

/** Whether only time is missing: nothing is wrong. */
function isLate(error: unknown): boolean {
  return reportOf(error).code === "group-late";
}

/** Reports a failure once. Failures of the metadata service are reported by the identity stage. */
function report(deps: HeartbeatDeps, transition: Transition, error: unknown, reported: ReportGate<string>): void {
  const { code, message } = reportOf(error);
  if (isMetadataFailure(code) || !reported.isNew(code)) return;
  const text = `The ${transitions[transition].name} could not be kept waiting: ${message}`;
  deps.emit({ type: "notice", level: "warning", code, text });
}
