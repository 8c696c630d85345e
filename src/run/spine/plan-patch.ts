import type { PlannedStep } from "../../domain/run/events.ts";
import { decideReboot, type RebootDecision } from "../../domain/instance/reboot.ts";
import type { PatchPolicy, RebootPolicy } from "../../domain/role/role.ts";
import type { RunRequest } from "../../domain/run/run.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { planPatch, planRestart, refreshOnce } from "../../stages/patch/stage.ts";
import { isServing, type MakeRunDeps } from "./make-run.ts";
import { rebootsSpent } from "./reboot-budget.ts";
import { objectionOf, ruleAfter } from "./reboot.ts";
import { contextOf } from "./step.ts";

/** What patching would do, and its consequences: restarts of services, a reboot. Changes nothing. */
export async function planPatching(
  policy: PatchPolicy,
  request: RunRequest,
  deps: MakeRunDeps,
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  const serving = isServing(deps);
  const objection = objectionOf(serving, request);
  const { upgrades, restarts, decision } = await observe(policy, { serving, objection }, deps, context);
  return [...upgrades, ...restarts, ...describeReboot(decision, policy.reboot, upgrades.length > 0, objection)];
}

/**
 * What a patch would do for an instance that has to leave service for it: with nothing to do it stays. A reboot that no
 * run may make, or that did not help twice, is no reason to leave. Changes nothing but the package index.
 * @param id identifies the check: its units are named after it
 */
export async function patchDue(id: string, deps: MakeRunDeps, signal: AbortSignal): Promise<readonly PlannedStep[]> {
  const policy = deps.duty.current()?.role.patch;
  if (policy === undefined) return [];
  // The run that follows reports this.
  const quiet = { id, signal, emit: () => undefined };
  // A source that does not answer does not hide the known upgrades.
  if (policy.scope !== "none") await refreshOnce(deps.packages, policy, contextOf(quiet, "index"));
  const context = contextOf(quiet, "patch");
  const { upgrades, restarts, decision } = await observe(
    policy,
    { serving: false, objection: undefined },
    deps,
    context,
  );
  const reboots = decision.kind === "reboot" ? describeReboot(decision, policy.reboot, true, undefined) : [];
  return [...upgrades, ...(upgrades.length > 0 ? [] : restarts), ...reboots];
}

async function observe(
  policy: PatchPolicy,
  { serving, objection }: { readonly serving: boolean; readonly objection: string | undefined },
  deps: MakeRunDeps,
  context: StageContext,
) {
  const upgrades = await planPatch(policy, deps, context);
  const changed = upgrades.length > 0;
  const decision = decideReboot({
    policy: policy.reboot,
    need: await deps.packages.rebootState(context.signal),
    changed,
    ofRun: 0,
    spent: await rebootsSpent(deps.files, deps.bootId),
    underWay: undefined,
    objection,
  });
  const rule = ruleAfter(decision, serving);
  const restarts = policy.scope === "none" ? [] : await planRestart(rule, changed, deps, context);
  return { upgrades, restarts, decision };
}

function describeReboot(
  decision: RebootDecision,
  policy: RebootPolicy,
  changed: boolean,
  objection: string | undefined,
): readonly PlannedStep[] {
  switch (decision.kind) {
    case "reboot":
      return [{ text: "reboot, and go on with this run afterwards", details: decision.reasons }];
    case "refuse":
      return [{ text: `go on without the reboot that is due: ${decision.why}` }];
    case "spent":
      return [{ text: "be held: two reboots did not satisfy what asks for another", details: decision.reasons }];
    case "go-on": {
      if (!changed) return [];
      const why = policy === "never" ? "the catalogue says reboot: never" : objection;
      return why === undefined
        ? [{ text: "reboot, if what is installed asks for it: decided at run time" }]
        : [{ text: `not reboot, whatever is installed: ${why}` }];
    }
  }
}
