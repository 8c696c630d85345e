import { backOff } from "../lib/async/backoff.ts";
import { MusterError, reportOf } from "../domain/errors.ts";
import { isOutage } from "../domain/outage.ts";
import { membershipStages } from "../domain/run.ts";
import type { MembershipStage } from "../domain/run.ts";
import { act } from "./act.ts";
import { nextPhases, openStages, stagesTouched } from "./next-phases.ts";
import { describeStep, describeWait, stagesOf } from "./steps.ts";
import type { Phase, Step } from "./steps.ts";
import { MembershipError, noEffect, notHealthy } from "./troubles.ts";
import { recordKey } from "./wish.ts";
import { begin } from "./work.ts";
import type { Settling, Work } from "./work.ts";

/**
 * Observes, plans and acts until the world agrees with the wish.
 * @returns whether anything was changed
 * @throws MembershipError when a stage fails for good: joining at the first, leaving after everything else was done
 * @throws the signal's reason
 */
export async function settle(settling: Settling): Promise<boolean> {
  const work = begin(settling);
  const [first] = work.order;
  if (first !== undefined) work.report.progress(first, "looking where the instance is", false);
  while (!(await round(work))) work.signal.throwIfAborted();
  const [failure] = membershipStages.flatMap((stage) => work.lost.get(stage) ?? []);
  if (failure !== undefined) throw failure;
  return work.report.anyChange();
}

/** One look at the world and what follows from it. @returns whether nothing is left to do */
async function round(work: Work): Promise<boolean> {
  const active = work.order.filter((stage) => !work.lost.has(stage));
  const phases = await nextPhases(work, active);
  const unseen = new Map(work.sight.failures());
  for (const error of work.sight.gone()) work.report.gone(error);
  sayWhatIsLeftAlone(work);
  work.report.finishUpTo(openStages(work, active, phases));
  const [phase] = phases;
  if (phase === undefined && unseen.size === 0) return true;
  const errors = new Map<MembershipStage, unknown>();
  if (phase !== undefined) await workPhase(work, phase, errors);
  // What is seen is left in good order, however long what is not seen has been given up.
  const atWork = new Set(work.wish.want === "out" ? phases.flatMap((one) => [...stagesOf(one)]) : []);
  for (const stage of active) {
    const error = errors.get(stage) ?? unseen.get(stage);
    if (error === undefined) work.troubles.clear(stage);
    else noteTrouble(work, stage, error, atWork.has(stage) && !errors.has(stage));
  }
  for (const stage of [...errors.keys(), ...unseen.keys(), ...stagesTouched(phase)]) work.sight.stale(stage);
  await pause(work, phase, errors.size + unseen.size > 0);
  return false;
}

/** Names that tags ask for and others hold: the instance does without. */
function sayWhatIsLeftAlone({ wish, sight, report }: Work): void {
  if (wish.want === "out") return;
  const wanted = new Set(wish.places.records.map(recordKey));
  for (const { record, state } of sight.observed().records) {
    if (state.kind !== "foreign" || record.tag === undefined || !wanted.has(recordKey(record))) continue;
    report.leftAlone(record, state.owner);
  }
}

/** Acts on the steps of a phase side by side and looks at its waits; what fails goes into `errors`. */
async function workPhase(work: Work, phase: Phase, errors: Map<MembershipStage, unknown>): Promise<void> {
  for (const wait of phase.waits) {
    work.report.progress(wait.stage, describeWait(wait), true);
    if (wait.for === "healthy" && elapsedMs(work) >= wait.target.deadlineMs) {
      errors.set("register", notHealthy(wait));
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
  // Taking a target in is the balancer's work: HAProxy comes to its first verdict before it answers.
  work.report.progress(step.stage, describeStep(step).text, step.do === "register");
  await act(step, work.wish, { ...work.ports, launch: work.launch }, work.signal);
  if (step.do === "launch") work.launched = true;
  work.report.changed(step.stage);
}

/** Whether users begin to be sent elsewhere: from then on drain and TTL are counted. */
function isParting(step: Step): boolean {
  return step.do === "drain" || (step.do === "update" && step.change.withdraw.length > 0);
}

/** @param goesOn the stage has something else to do meanwhile */
function noteTrouble(work: Work, stage: MembershipStage, error: unknown, goesOn: boolean): void {
  const limit = isOutage(error) ? (work.outageLimitMs ?? limitMs(work, stage)) : limitMs(work, stage);
  if (work.troubles.note(stage, error, limit)) {
    work.report.progress(stage, `trying again: ${reportOf(error).message}`, true);
    return;
  }
  if (goesOn) return;
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
  if (troubled) return await backOff(pacing.backoff, work.troubles.attempts(), clock, signal, work.troubles.latest());
  if (phase === undefined || phase.steps.length > 0) return;
  const left = phase.waits.flatMap((wait) => (wait.for === "healthy" ? [] : [wait.leftMs]));
  await clock.sleep(Math.min(pollMs(work, phase), ...left), signal);
}

/** Looks often while something moves, and less often while nothing does. */
function pollMs(work: Work, phase: Phase): number {
  const waits = JSON.stringify(phase.waits.map(describeWait));
  work.sameLooks = waits === work.lastWaits ? work.sameLooks + 1 : 0;
  work.lastWaits = waits;
  const { pollMs: first, pollMaxMs } = work.pacing;
  return Math.min(pollMaxMs, first * 1.5 ** Math.min(work.sameLooks, 30));
}

function elapsedMs(work: Work): number {
  return work.clock.monotonicMs() - work.startedMs;
}
