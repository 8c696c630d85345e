import { backoffMs } from "../domain/backoff.ts";
import type { Backoff } from "../domain/backoff.ts";
import { MusterError, reportOf } from "../domain/errors.ts";
import type { Wish } from "../domain/membership.ts";
import { membershipStages } from "../domain/run.ts";
import type { MembershipStage } from "../domain/run.ts";
import type { Clock } from "../ports/clock.ts";
import { act } from "./act.ts";
import { observe } from "./observe.ts";
import type { MembershipPorts, View } from "./observe.ts";
import { plan } from "./plan.ts";
import { createReporter } from "./report.ts";
import type { MembershipListener, Reporter } from "./report.ts";
import { describeStep, describeWait, stagesOf } from "./steps.ts";
import type { Phase, Step } from "./steps.ts";
import { createTroubles, MembershipError } from "./troubles.ts";
import type { Troubles } from "./troubles.ts";
import { targetKey } from "./wish.ts";

/** How settling is paced and how long trouble is put up with. Milliseconds. */
export type MembershipPacing = {
  /** Between two looks while waiting. */
  readonly pollMs: number;
  readonly backoff: Backoff;
  /** How long a stage may keep failing while the instance joins; the balancer has its own by target. */
  readonly joinLimitMs: number;
  /** The same while it leaves, where systemd is waiting. */
  readonly leaveLimitMs: number;
};

/** One pass from a wish to a world that agrees with it. */
export type Settling = {
  readonly wish: Wish;
  readonly stages: ReadonlySet<MembershipStage>;
  /** The longest time that leaving may serve on, in milliseconds. */
  readonly serveLimitMs: number;
  readonly ports: MembershipPorts;
  readonly clock: Clock;
  readonly tagPrefix: string;
  readonly pacing: MembershipPacing;
  readonly signal: AbortSignal;
  readonly listen: MembershipListener;
  /** Since when the instance parts from a place, in milliseconds; Infinity when it does not. */
  partedMs(): number;
  /** Puts on disk that parting begins now, before it does. */
  beginParting(): Promise<void>;
};

type Work = Settling & {
  readonly order: readonly MembershipStage[];
  readonly startedMs: number;
  readonly report: Reporter;
  readonly troubles: Troubles;
  /** What went wrong for good: while leaving, the other stages go on without it. */
  readonly lost: Map<MembershipStage, MembershipError>;
  /** The steps of the round before: done again at once, they had no effect. */
  lastSteps: string;
};

/**
 * Observes, plans and acts until the world agrees with the wish.
 * @returns whether anything was changed
 * @throws MembershipError when a stage fails for good: joining at the first, leaving after everything else was done
 * @throws the signal's reason
 */
export async function settle(settling: Settling): Promise<boolean> {
  const work = begin(settling);
  while (!(await round(work))) work.signal.throwIfAborted();
  const [failure] = membershipStages.flatMap((stage) => work.lost.get(stage) ?? []);
  if (failure !== undefined) throw failure;
  return work.report.anyChange();
}

function begin(settling: Settling): Work {
  const joinOrder = membershipStages.filter((stage) => settling.stages.has(stage));
  // Leaving tells of DNS first: what it waits for is over when users have forgotten the name.
  const order = settling.wish.want === "in" ? joinOrder : joinOrder.toSorted((a) => (a === "dns" ? -1 : 0));
  const monotonicMs = () => settling.clock.monotonicMs();
  return {
    ...settling,
    order,
    startedMs: monotonicMs(),
    report: createReporter(settling.wish, order, monotonicMs, settling.listen),
    troubles: createTroubles(monotonicMs),
    lost: new Map(),
    lastSteps: "",
  };
}

/** One look at the world and what follows from it. @returns whether nothing is left to do */
async function round(work: Work): Promise<boolean> {
  const [first] = work.order;
  if (first !== undefined) work.report.progress(first, "looking where the instance is", false);
  const active = new Set(work.order.filter((stage) => !work.lost.has(stage)));
  const view = await observe(work.wish, work.ports, active, work.signal);
  // Drained by somebody else, or by a muster whose notes are lost: its connections get their time from now.
  if (work.partedMs() === Infinity && drainsUnwanted(work.wish, view)) await work.beginParting();
  const phases = reachable(work, active, view);
  work.report.finishUpTo(openStages(phases, view, work));
  const [phase] = phases;
  if (phase === undefined && view.failures.size === 0) return true;
  const errors = new Map(phase === undefined || work.wish.want === "out" ? view.failures : []);
  if (phase !== undefined) await workPhase(work, phase, errors);
  for (const stage of active) {
    const error = errors.get(stage);
    if (error === undefined) work.troubles.clear(stage);
    else noteTrouble(work, stage, error);
  }
  await pause(work, phase, errors.size > 0);
  return false;
}

/**
 * The phases that may be worked now. A stage that could not be observed stops everything after it while
 * joining; while leaving, only itself.
 */
function reachable(work: Work, active: ReadonlySet<MembershipStage>, view: View): readonly Phase[] {
  const phases = plan(work.wish, view.observed, {
    partedMs: work.partedMs(),
    serveLimitMs: work.serveLimitMs,
    tagPrefix: work.tagPrefix,
  })
    .map((phase) => only(phase, (stage) => active.has(stage) && !view.failures.has(stage)))
    .filter((phase) => stagesOf(phase).size > 0);
  if (work.wish.want === "out") return phases;
  const firstFailed = work.order.findIndex((stage) => view.failures.has(stage));
  if (firstFailed === -1) return phases;
  const before = new Set(work.order.slice(0, firstFailed));
  const cut = phases.findIndex((phase) => [...stagesOf(phase)].some((stage) => !before.has(stage)));
  return cut === -1 ? phases : phases.slice(0, cut);
}

function only(phase: Phase, keep: (stage: MembershipStage) => boolean): Phase {
  return {
    steps: phase.steps.filter(({ stage }) => keep(stage)),
    waits: phase.waits.filter(({ stage }) => keep(stage)),
  };
}

function openStages(phases: readonly Phase[], view: View, work: Work): ReadonlySet<MembershipStage> {
  const planned = phases.flatMap((phase) => [...stagesOf(phase)]);
  const unseen = [...view.failures.keys()].filter((stage) => !work.lost.has(stage));
  return new Set([...planned, ...unseen]);
}

/** Acts on the steps of a phase side by side and looks at its waits; what fails goes into `errors`. */
async function workPhase(work: Work, phase: Phase, errors: Map<MembershipStage, unknown>): Promise<void> {
  for (const wait of phase.waits) {
    work.report.progress(wait.stage, describeWait(wait), true);
    if (wait.for === "healthy" && elapsedMs(work) >= wait.target.deadlineMs) {
      errors.set("register", notHealthy(wait.reason));
    }
  }
  if (phase.steps.some(isParting)) await work.beginParting();
  const steps = JSON.stringify(phase.steps.map(describeStep));
  const again = phase.steps.length > 0 && steps === work.lastSteps;
  work.lastSteps = steps;
  const results = await Promise.allSettled(phase.steps.map(async (step) => await doStep(work, step)));
  work.signal.throwIfAborted();
  for (const [at, result] of results.entries()) {
    const step = phase.steps[at];
    if (step === undefined || errors.has(step.stage)) continue;
    if (result.status === "rejected") errors.set(step.stage, result.reason);
    else if (again) errors.set(step.stage, noEffect(step));
  }
}

async function doStep(work: Work, step: Step): Promise<void> {
  work.report.progress(step.stage, describeStep(step).text, false);
  await act(step, work.wish, work.ports, work.signal);
  work.report.changed(step.stage);
}

/** Whether users begin to be sent elsewhere: from then on drain and TTL are counted. */
function isParting(step: Step): boolean {
  return step.do === "drain" || (step.do === "update" && step.change.withdraw.length > 0);
}

function drainsUnwanted(wish: Wish, { observed }: View): boolean {
  const wanted = new Set(wish.want === "in" ? wish.places.targets.map(targetKey) : []);
  return observed.targets.some(({ target, state }) => state.kind === "draining" && !wanted.has(targetKey(target)));
}

function noteTrouble(work: Work, stage: MembershipStage, error: unknown): void {
  if (work.troubles.note(stage, error, limitMs(work, stage))) {
    work.report.progress(stage, `trying again: ${reportOf(error).message}`, true);
    return;
  }
  work.report.fail(stage, error);
  if (!(error instanceof MusterError)) throw error;
  const failure = new MembershipError(stage, error);
  if (work.wish.want === "in") throw failure;
  work.lost.set(stage, failure);
  work.troubles.clear(stage);
}

function limitMs(work: Work, stage: MembershipStage): number {
  if (work.wish.want === "out") return work.pacing.leaveLimitMs;
  if (stage !== "register") return work.pacing.joinLimitMs;
  return Math.max(0, ...work.wish.places.targets.map(({ deadlineMs }) => deadlineMs));
}

/** Waits before the next look: not at all after steps that went well. @throws the signal's reason */
async function pause(work: Work, phase: Phase | undefined, troubled: boolean): Promise<void> {
  const { clock, pacing, signal } = work;
  if (troubled) return await clock.sleep(backoffMs(pacing.backoff, work.troubles.attempts(), clock.random()), signal);
  if (phase === undefined || phase.steps.length > 0) return;
  const left = phase.waits.flatMap((wait) => (wait.for === "healthy" ? [] : [wait.leftMs]));
  await clock.sleep(Math.min(pacing.pollMs, ...left), signal);
}

function elapsedMs(work: Work): number {
  return work.clock.monotonicMs() - work.startedMs;
}

function notHealthy(reason: string): MusterError {
  return new MusterError({
    code: "balancer-not-healthy",
    message: `The balancer does not say healthy: ${reason}`,
    hint: "Look at what the balancer's own check asks for; the instance's checks passed.",
  });
}

function noEffect(step: Step): MusterError {
  return new MusterError({
    code: "membership-no-effect",
    message: `${describeStep(step).text}: it was taken, but nothing shows for it`,
    hint: "Somebody else may be changing the same place: look at the balancer and the zone.",
    transient: true,
  });
}
