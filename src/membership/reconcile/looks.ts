// When a pass looks again.
import type { Target } from "../../domain/membership/membership.ts";
import { backOff } from "../../lib/async/backoff.ts";
import { targetKey } from "../wish.ts";
import type { ReconcileContext } from "./context.ts";
import { describeWait, type Phase, type Step } from "./steps.ts";

/**
 * Waits before the next round: after a failure with backoff, after a registration until the balancer can say healthy,
 * and not at all after other steps that went well.
 * @param maxMs the longest pause after a failure, in milliseconds; undefined if nothing failed
 * @throws the signal's reason
 */
export async function pause(
  context: ReconcileContext,
  phase: Phase | undefined,
  maxMs: number | undefined,
): Promise<void> {
  const { clock, pacing, failures, signal } = context;
  if (maxMs !== undefined) {
    return await backOff({ ...pacing.backoff, maxMs }, failures.attempts(), clock, signal, failures.latest());
  }
  if (phase === undefined) return;
  if (phase.steps.length > 0) {
    const firstMs = Math.max(0, ...phase.steps.flatMap((step) => registeredBy(context, step)).map(toFirst(context)));
    return firstMs > 0 ? await clock.sleep(firstMs, signal) : undefined;
  }
  const left = phase.waits.flatMap((wait) => (wait.for === "healthy" ? [] : [wait.leftMs]));
  await clock.sleep(Math.min(pollMs(context, phase), ...left), signal);
}

/** How long the balancer may take to say healthy, in milliseconds: at least as long as its own checks take. */
export function longestMs({ balancer }: ReconcileContext, target: Target): number {
  const pace = balancer?.pace?.(target);
  return pace === undefined ? target.deadlineMs : Math.max(target.deadlineMs, pace.lastMs + pace.longestMs);
}

/** Notes what the step, which was just taken, has the balancer check from now on. */
export function noteRegistered(context: ReconcileContext, step: Step): void {
  const nowMs = context.clock.monotonicMs();
  for (const target of registeredBy(context, step)) context.registered.set(targetKey(target), nowMs);
}

function registeredBy({ wish }: ReconcileContext, step: Step): readonly Target[] {
  if (step.do === "register") return [step.target];
  return step.do === "launch" ? wish.places.targets.filter((one) => one.registeredBy === "auto-scaling") : [];
}

/** The time that is left until the balancer can say healthy, in milliseconds; 0 or less: it can by now. */
function toFirst(context: ReconcileContext): (target: Target) => number {
  return (target) => {
    const at = context.registered.get(targetKey(target));
    const pace = context.balancer?.pace?.(target);
    return at === undefined || pace === undefined ? 0 : at + pace.firstMs - context.clock.monotonicMs();
  };
}

/**
 * The time until the next look at what is waited for, in milliseconds. It is often while something changes, and rare
 * while nothing does. Nothing goes on before every target is healthy: the last that can be decides.
 */
function pollMs(context: ReconcileContext, phase: Phase): number {
  const waits = JSON.stringify(phase.waits.map(describeWait));
  context.sameWaits = waits === context.lastWaits ? context.sameWaits + 1 : 0;
  context.lastWaits = waits;
  const { pollMs: first, pollMaxMs } = context.pacing;
  const usual = first * 1.5 ** Math.min(context.sameWaits, 30);
  const targets = phase.waits.flatMap((wait) => (wait.for === "healthy" ? [wait.target] : []));
  const paces = targets.map((target) => context.balancer?.pace?.(target)).filter((pace) => pace !== undefined);
  const shortest = Math.max(0, ...paces.map(({ shortestMs }) => shortestMs));
  const longest = Math.max(pollMaxMs, ...paces.map((pace) => pace.longestMs));
  return Math.max(shortest, Math.min(longest, usual), ...targets.map(toFirst(context)));
}
