import type { PlannedStep } from "../domain/events.ts";
import { decideReboot, type RebootDecision } from "../domain/reboot.ts";
import type { PatchPolicy, RebootPolicy } from "../domain/role.ts";
import type { RunRequest } from "../domain/run.ts";
import type { StageContext } from "../ports/stage-context.ts";
import { planPatch, planRestart } from "../stages/patch/stage.ts";
import { isServing, type MakeRunDeps } from "./make-run.ts";
import { rebootsSpent } from "./reboot-budget.ts";
import { objectionOf, ruleAfter } from "./reboot.ts";

/** What patching would do, and what would follow from it: restarts of services, a reboot. Changes nothing. */
export async function planPatching(
  policy: PatchPolicy,
  request: RunRequest,
  deps: MakeRunDeps,
  context: StageContext,
): Promise<readonly PlannedStep[]> {
  const upgrades = await planPatch(policy, deps, context);
  const changed = upgrades.length > 0;
  const serving = isServing(deps);
  const objection = objectionOf(serving, request);
  const decision = decideReboot({
    policy: policy.reboot,
    need: await deps.packages.rebootState(context.signal),
    changed,
    ofRun: 0,
    spent: await rebootsSpent(deps.files),
    underWay: false,
    objection,
  });
  const rule = ruleAfter(decision, serving);
  const restarts = policy.scope === "none" ? [] : await planRestart(rule, changed, deps, context);
  return [...upgrades, ...restarts, ...describeReboot(decision, policy.reboot, changed, objection)];
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
