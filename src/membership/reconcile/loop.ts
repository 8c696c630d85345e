import { MusterError, reportOf } from "../../domain/errors/errors.ts";
import { isOutage, isThrottled } from "../../domain/errors/outage.ts";
import type { MembershipStage } from "../../domain/run/run.ts";
import { recordKey } from "../wish.ts";
import { act, MembershipError, noEffect, notHealthy } from "./act.ts";
import type { ReconcileContext } from "./context.ts";
import { together, type FailedPlace } from "./failed-places.ts";
import { longestMs, noteRegistered, pause } from "./looks.ts";
import { cutShort, drainsUnwanted, isCleared, isEntered, plan } from "./plan.ts";
import { describeStep, describeWait, isParting, neededBy, onlyOf, placeOf, stagesOf, stagesTouched } from "./steps.ts";
import type { Phase, PhaseName, Step } from "./steps.ts";

/**
 * Observes, plans and acts until the world agrees with the wish. reconciler.ts draws the loop.
 * @returns whether anything was changed
 * @throws MembershipError when a stage fails for good: at once when the instance cannot be in service without it, else
 *   after everything else was done
 * @throws the signal's reason
 */
export async function runPass(context: ReconcileContext): Promise<boolean> {
  const [first] = context.order;
  if (first !== undefined) context.report.progress(first, "looking where the instance is", false);
  while (!(await round(context))) context.signal.throwIfAborted();
  const [failure, ...others] = context.failures.givenUp();
  failure?.others.push(...others);
  if (failure !== undefined) throw failure;
  return context.report.anyChange();
}

/** One observation of the world and what follows from it. @returns whether nothing is left to do */
async function round(context: ReconcileContext): Promise<boolean> {
  const { wish, observations, failures, report, clock } = context;
  const begunMs = clock.monotonicMs();
  const active = context.order.filter((stage) => !failures.isGivenUp(stage));
  const phases = await nextPhases(context, active);
  const unseen = new Map(observations.failures());
  for (const error of observations.gone()) report.gone(error);
  reportForeignNames(context);
  const notSeen = active.filter((stage) => !observations.seen(stage));
  report.finishUpTo(new Set([...phases.flatMap((phase) => [...stagesOf(phase)]), ...notSeen]));
  const [phase] = phases;
  if (phase === undefined && unseen.size === 0) return true;
  const { errors, untouched } = phase === undefined ? nothingDone : await workPhase(context, phase);
  // An endpoint that is seen is left in good order, also after its stage gave up one that is not seen.
  const atWork = new Set(wish.want === "out" ? phases.flatMap((one) => [...stagesOf(one)]) : []);
  const failed = new Map<MembershipStage, unknown>();
  for (const stage of active) {
    const error = errors.get(stage) ?? unseen.get(stage);
    if (error === undefined) failures.clear(stage);
    else failed.set(stage, error);
    if (error !== undefined) noteFailure(context, stage, error, atWork.has(stage) && !errors.has(stage));
  }
  // A throttled request changed nothing: the same world is not asked for again, from the same bucket.
  const touched = untouched ? [] : [...errors.keys(), ...stagesTouched(phase)];
  for (const stage of [...touched, ...unseen.keys()]) observations.stale(stage);
  await pause(context, phase, pauseMaxMs(context, failed));
  if ([...errors.values(), ...unseen.values()].some(isOutage)) context.outageMs += clock.monotonicMs() - begunMs;
  return false;
}

/**
 * The phases that may be worked now. Joining observes one stage after the other, only as far as it has come: a later
 * stage may be out of reach for now. Leaving observes all at once, and an endpoint that cannot be seen stops only itself.
 */
async function nextPhases(context: ReconcileContext, active: readonly MembershipStage[]): Promise<readonly Phase[]> {
  const { observations, signal } = context;
  if (context.wish.want === "out") {
    await observations.refresh(active, signal);
    return await planned(context, active);
  }
  let phases: readonly Phase[] = [];
  for (const stage of active) {
    await observations.refresh([stage], signal);
    const unseen = active.filter((one) => !observations.seen(one));
    phases = (await planned(context, active)).filter(({ name }) => !neededBy[name].some((one) => unseen.includes(one)));
    if (phases.length > 0 || !observations.seen(stage)) break;
  }
  return phases;
}

async function planned(context: ReconcileContext, active: readonly MembershipStage[]): Promise<readonly Phase[]> {
  const { wish, times, signal, report } = context;
  const observed = context.observations.observed();
  context.entered ||= isEntered(wish, observed);
  // Drained by an operator, or by a muster whose notes are lost: the connections get their time from now on.
  if (times.partedMs() === Infinity && drainsUnwanted(wish, observed)) await times.noteParted(wish, signal);
  if (times.clearedMs() === undefined && active.includes("dns") && times.partedMs() < Infinity) {
    if (isCleared(wish, observed)) await times.noteCleared(wish, signal);
  }
  const facts = {
    partedMs: times.partedMs(),
    clearedMs: times.clearedMs() ?? 0,
    serveLeftMs: context.serveLeftMs(),
    tagPrefix: context.tagPrefix,
    passing: context.passing?.(),
    launch: context.launched ? undefined : context.launch?.what,
  };
  // An instance that serves no user cuts none short.
  if ((context.serveLimitMs ?? Infinity) > 0) report.cutShort(cutShort(wish, observed, facts));
  const phases = plan(wish, observed, facts).filter(({ name }) => !isFormer(name) || !waitsForNames(context));
  return onlyOf(phases, new Set(active.filter((stage) => isPlannable(context, stage))));
}

/** Whether the phase is about endpoints that the instance was in before. */
function isFormer(name: PhaseName): boolean {
  return name === "part" || name === "serve" || name === "remove";
}

/** Former endpoints are left once the names of the present ones are published. */
function waitsForNames({ wish, failures }: ReconcileContext): boolean {
  return wish.want === "in" && failures.isGivenUp("dns");
}

/** Tags that could not be read would be written each time; of endpoints, those that were seen can be left. */
function isPlannable({ wish, observations }: ReconcileContext, stage: MembershipStage): boolean {
  return observations.seen(stage) || (wish.want === "out" && stage !== "tags");
}

/** Names that tags ask for and other owners hold: the instance does without. */
function reportForeignNames({ wish, observations, report }: ReconcileContext): void {
  if (wish.want === "out") return;
  const wanted = new Set(wish.places.records.map(recordKey));
  for (const { record, state } of observations.observed().records) {
    if (state.kind !== "foreign" || record.tag === undefined || !wanted.has(recordKey(record))) continue;
    report.leftAlone(record, state.owner);
  }
}

/** The failures by stage, and whether the phase changed nothing because each of its steps was throttled. */
type Worked = { readonly errors: ReadonlyMap<MembershipStage, unknown>; readonly untouched: boolean };

const nothingDone: Worked = { errors: new Map(), untouched: false };

/** Does the steps of a phase side by side and checks its waits. */
async function workPhase(context: ReconcileContext, phase: Phase): Promise<Worked> {
  const { wish, clock, signal, report } = context;
  const failed: (FailedPlace & { readonly stage: MembershipStage })[] = [];
  // A service that is away or busy says nothing about the instance: that time does not count.
  const triedMs = clock.monotonicMs() - context.startedMs - context.outageMs;
  for (const wait of phase.waits) {
    report.progress(wait.stage, describeWait(wait), true);
    if (wait.for === "healthy" && triedMs >= longestMs(context, wait.target)) {
      failed.push({ stage: "register", place: placeOf(wait), error: notHealthy(wait) });
    }
  }
  if (phase.steps.some(isParting)) await context.times.noteParted(wish, signal);
  const steps = JSON.stringify(phase.steps.map(describeStep));
  const again = phase.steps.length > 0 && steps === context.lastSteps;
  const results = await Promise.allSettled(phase.steps.map(async (step) => await doStep(context, step)));
  signal.throwIfAborted();
  // Only steps that were taken can be without effect.
  context.lastSteps = results.every(({ status }) => status === "fulfilled") ? steps : "";
  for (const [at, result] of results.entries()) {
    const step = phase.steps[at];
    if (step === undefined) continue;
    const { stage } = step;
    if (result.status === "rejected") failed.push({ stage, place: placeOf(step), error: result.reason });
    else if (again) failed.push({ stage, place: placeOf(step), error: noEffect(step) });
  }
  const errors = new Map([...Map.groupBy(failed, ({ stage }) => stage)].map(([stage, all]) => [stage, together(all)]));
  const untouched = results.length > 0 && results.every((one) => one.status === "rejected" && isThrottled(one.reason));
  return { errors, untouched };
}

async function doStep(context: ReconcileContext, step: Step): Promise<void> {
  // A registration waits for the balancer: HAProxy comes to its first verdict before it answers.
  context.report.progress(step.stage, describeStep(step).text, step.do === "register");
  // A request that got no answer may have been taken.
  context.entered ||= step.do === "register" || step.do === "launch";
  await act(step, context, context.signal);
  if (step.do === "launch") context.launched = true;
  noteRegistered(context, step);
  context.report.changed(step.stage);
}

/** @param goesOn the stage has something else to do meanwhile */
function noteFailure(context: ReconcileContext, stage: MembershipStage, error: unknown, goesOn: boolean): void {
  const { failures, report } = context;
  if (failures.note(stage, error, limitMs(context, stage, error))) {
    report.progress(stage, `trying again: ${reportOf(error).message}`, true);
    return;
  }
  if (goesOn) return;
  report.fail(stage, error);
  if (!(error instanceof MusterError)) throw error;
  const isPutOff = mayBePutOff(context, stage);
  const failure = new MembershipError(stage, error, isPutOff);
  if (context.wish.want === "in" && !isPutOff) throw failure;
  failures.giveUp(failure);
}

/**
 * Whether the instance is where it is wanted without the stage. State tags decide nothing, in service and out of it, and
 * names do not where a balancer sends users to the instance: a healthy instance is not taken out because Route 53 is
 * busy. Where a role has no balancer the name is the only way in. No instance is out while its name is published.
 */
function mayBePutOff({ wish }: ReconcileContext, stage: MembershipStage): boolean {
  return stage === "tags" || (stage === "dns" && wish.want === "in" && wish.places.targets.length > 0);
}

/** How long a stage may keep failing, in milliseconds. */
function limitMs(context: ReconcileContext, stage: MembershipStage, error: unknown): number {
  const { wish, pacing, failLimitMs, outageLimitMs } = context;
  // A caller that comes back later does not wait for tags: what matters of the leave is done.
  if (wish.want === "out" && !(stage === "tags" && failLimitMs !== undefined)) return pacing.leaveLimitMs;
  if (failLimitMs !== undefined) return failLimitMs;
  if (mayBePutOff(context, stage)) return pacing.putOffMs;
  if (outageLimitMs !== undefined && isOutage(error)) return outageLimitMs;
  if (stage === "register" && (isThrottled(error) || (context.entered && isOutage(error)))) return Infinity;
  if (stage === "register") return Math.max(0, ...wish.places.targets.map(({ deadlineMs }) => deadlineMs));
  // The name is the way in of a role without a balancer: an outage is waited for, however long it takes.
  return Infinity;
}

/** The longest pause after these failures, in milliseconds; undefined if nothing failed. */
function pauseMaxMs(context: ReconcileContext, failed: ReadonlyMap<MembershipStage, unknown>): number | undefined {
  const { patientMs, backoff } = context.pacing;
  if (failed.size === 0) return undefined;
  return [...failed].every((one) => isPatient(context, ...one)) ? patientMs : backoff.maxMs;
}

/** Whether it is waited for however long it takes. The buckets of a balancer that throttles refill within seconds. */
function isPatient(context: ReconcileContext, stage: MembershipStage, error: unknown): boolean {
  return limitMs(context, stage, error) === Infinity && !(stage === "register" && isThrottled(error));
}
