import { MusterError } from "../../domain/errors/errors.ts";
import { decideReboot, type RebootDecision, type RebootNeed } from "../../domain/instance/reboot.ts";
import type { RestartRule } from "../../domain/run/restarts.ts";
import type { Role } from "../../domain/role/role.ts";
import { isWhole, type RunEnd, type RunRequest, type StageName } from "../../domain/run/run.ts";
import type { RunDeps } from "./deps.ts";
import { rebootsSpent, spendReboot } from "./reboot-budget.ts";
import { StageFailure, type Run } from "./step.ts";

const spent = "reboot-budget-spent";

/** The inputs of the reboot decision. */
type Grounds = {
  readonly need: RebootNeed;
  /** Whether this run changed packages. */
  readonly changed: boolean;
};

/** The reasons for a reboot, and the stage that they follow. */
type Asking = Grounds & { readonly stage: StageName };

/** How the run goes on: it ends for a reboot, or not, with the reason why a due one is not made. */
export type AfterReboot = { readonly end: RunEnd } | { readonly end?: never; readonly refused?: string };

/**
 * Reboots if a reboot is due and this run may make it: on disk before the request, so that the next boot knows the plan
 * and continues this run.
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

/**
 * Whether services that run replaced code are restarted: not if a reboot follows, and not while the instance serves.
 */
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
 * The same after converge: an engine may install something that needs a reboot, or request one itself. A reboot that it
 * has scheduled becomes muster's: otherwise it would come in the middle of the next stage.
 */
export async function rebootIfAsked(
  run: Run,
  request: RunRequest,
  role: Role,
  { changed, packagesChanged }: { readonly changed: boolean; readonly packagesChanged: boolean },
  deps: RunDeps,
): Promise<AfterReboot> {
  // Reasons from before the engine were judged after patch.
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
    // Not if our own reboot failed this time: the engine has nothing to change the next time, and would not request one
    // again. The first failure is reported.
    if (scheduled && isBudgetSpent(error)) await deps.machine.cancelReboot().catch(() => undefined);
    throw error;
  }
}

/** A failed question after the engine is the failure of its stage. */
async function ofConverge<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new StageFailure("converge", error);
  }
}

/** The good end of a run that should have rebooted and may not. */
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

/** A reboot takes an instance out of service, and only a whole run of the boot continues after it. */
export function objectionOf(serving: boolean, request: RunRequest): string | undefined {
  if (serving) return "the instance is in service, and this run does not take it out";
  if (request.noReboot === true) return "--no-reboot was asked for";
  return isWhole(request) ? undefined : "a part of a run, or a trial, does not reboot";
}

function isBudgetSpent(error: unknown): boolean {
  return error instanceof StageFailure && error.cause instanceof MusterError && error.cause.code === spent;
}

/** @param look the package manager's command that shows the reasons */
function budgetSpent(reasons: readonly string[], look: string): MusterError {
  return new MusterError({
    code: spent,
    message: `Another reboot is asked for, after two that did not help: ${reasons.join("; ")}`,
    hint: `Find out what asks again and again (${look}); after a reboot by hand the run goes on.`,
  });
}
