import { MusterError } from "../domain/errors.ts";
import { decideReboot, type RebootDecision, type RebootNeed } from "../domain/reboot.ts";
import type { RestartRule } from "../domain/restarts.ts";
import type { Role } from "../domain/role.ts";
import { isWhole, type RunEnd, type RunRequest, type StageName } from "../domain/run.ts";
import type { RunDeps } from "./deps.ts";
import { rebootsSpent, spendReboot } from "./reboot-budget.ts";
import { StageFailure, type Run } from "./step.ts";

const spent = "reboot-budget-spent";

/** What a reboot is asked for by. */
type Grounds = {
  readonly need: RebootNeed;
  /** Whether this run changed packages. */
  readonly changed: boolean;
};

/** What asks for a reboot, and after which stage. */
type Asking = Grounds & { readonly stage: StageName };

/** How the run goes on: it ends for a reboot, or it does not and says why one that is due is not made. */
export type AfterReboot = { readonly end: RunEnd } | { readonly end?: never; readonly refused?: string };

/**
 * Reboots if one is due and this run may: on disk before it is asked for, so that the boot that follows knows that
 * it was planned and goes on with this run.
 * @throws StageFailure `reboot-budget-spent`, `reboot-failed`
 */
export async function rebootIfDue(
  run: Run,
  request: RunRequest,
  role: Role,
  { stage, ...grounds }: Asking,
  deps: RunDeps,
): Promise<AfterReboot> {
  const decision = await decide(run, request, role, grounds, deps);
  try {
    return await follow(run, stage, decision, deps);
  } catch (error) {
    throw new StageFailure(stage, error);
  }
}

/** Whether services that run replaced code are restarted: not if a reboot follows, and not while the instance serves. */
export async function restartRule(
  run: Run,
  request: RunRequest,
  role: Role,
  grounds: Grounds,
  deps: RunDeps,
): Promise<RestartRule> {
  return ruleAfter(await decide(run, request, role, grounds, deps), run.serving);
}

export function ruleAfter(decision: RebootDecision, serving: boolean): RestartRule {
  if (decision.kind === "reboot") return "reboot-follows";
  return serving ? "in-service" : "now";
}

async function decide(
  run: Run,
  request: RunRequest,
  role: Role,
  { need, changed }: Grounds,
  deps: RunDeps,
): Promise<RebootDecision> {
  const { reboots, rebootUnderWay } = run.journal.state;
  return decideReboot({
    policy: role.patch.reboot,
    need,
    changed,
    ofRun: reboots,
    spent: Math.max(reboots, await rebootsSpent(deps.files, deps.bootId)),
    underWay: rebootUnderWay?.reasons,
    objection: objectionOf(run.serving, request),
  });
}

/**
 * The same after converge: an engine may install what asks for a reboot, or ask for one itself. One that it has
 * scheduled is ours from now on: it would come in the middle of what follows.
 */
export async function rebootIfAsked(
  run: Run,
  request: RunRequest,
  role: Role,
  { changed, packagesChanged }: { readonly changed: boolean; readonly packagesChanged: boolean },
  deps: RunDeps,
): Promise<AfterReboot> {
  // Whatever stood before the engine was judged after patch.
  if (!changed) return {};
  const scheduled = await deps.machine.hasScheduledReboot();
  const seen = await ofConverge(() => deps.packages.rebootState(run.signal));
  const reasons = [...(scheduled ? ["the engine has scheduled a reboot"] : []), ...seen.reasons];
  const need = { required: scheduled || seen.required, reasons };
  run.emit({ type: "run-facts", facts: { reboot: need } });
  try {
    const after = await rebootIfDue(run, request, role, { stage: "converge", need, changed: packagesChanged }, deps);
    if (after.end === undefined && scheduled) await ofConverge(() => deps.machine.cancelReboot());
    return after;
  } catch (error) {
    // Not where ours could not be made this time: the engine has nothing to change the next time, and would not ask again.
    // What failed first is what is told.
    if (scheduled && isBudgetSpent(error)) await deps.machine.cancelReboot().catch(() => undefined);
    throw error;
  }
}

/** What is asked after the engine, and fails, is the failure of its stage. */
async function ofConverge<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StageFailure("converge", error);
  }
}

/** A good end of a run that should have rebooted and may not. */
export function withRefusal(end: RunEnd, rebootRefused: string | undefined): RunEnd {
  if (rebootRefused === undefined || (end.kind !== "in-service" && end.kind !== "done")) return end;
  return { ...end, rebootRefused };
}

async function follow(run: Run, stage: StageName, decision: RebootDecision, deps: RunDeps): Promise<AfterReboot> {
  switch (decision.kind) {
    case "go-on":
      return {};
    case "refuse":
      run.emit({
        type: "notice",
        level: "warning",
        code: "reboot-required",
        text: `A reboot is due and not made: ${decision.why}`,
      });
      return { refused: decision.why };
    case "spent":
      throw budgetSpent(decision.reasons, deps.packages.hints.rebootReasons);
    case "reboot": {
      const { reasons } = decision;
      const planned = run.journal.state.rebootUnderWay;
      if (planned === undefined) {
        const at = deps.clock.now().toISOString();
        await spendReboot(deps.files, { run: run.id, at, boot: deps.bootId });
        await run.journal.append({ kind: "reboot-planned", stage, reasons: [...reasons] });
      }
      await deps.machine.reboot();
      return { end: { kind: "rebooting", stage: planned?.stage ?? stage, reasons } };
    }
  }
}

/** A reboot takes an instance out of service, and only a whole run of the boot goes on after it. */
export function objectionOf(serving: boolean, request: RunRequest): string | undefined {
  if (serving) return "the instance is in service, and this run does not take it out";
  if (request.noReboot === true) return "--no-reboot was asked for";
  return isWhole(request) ? undefined : "a part of a run, or a trial, does not reboot";
}

function isBudgetSpent(error: unknown): boolean {
  return error instanceof StageFailure && error.cause instanceof MusterError && error.cause.code === spent;
}

/** @param look the package manager's command that shows what asks */
function budgetSpent(reasons: readonly string[], look: string): MusterError {
  return new MusterError({
    code: spent,
    message: `Another reboot is asked for, after two that did not help: ${reasons.join("; ")}`,
    hint: `Find out what asks again and again (${look}); after a reboot by hand the run goes on.`,
  });
}
