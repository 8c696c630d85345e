import type { PatchPolicy } from "../../domain/role/role.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import type { PatchStep } from "./plan.ts";

/** Does one step. @throws MusterError as PackageManager.repair and .upgrade */
export function act(
  step: PatchStep,
  packages: PackageManager,
  policy: PatchPolicy,
  context: StageContext,
): Promise<void> {
  switch (step.kind) {
    case "repair":
      context.progress(`completing an interrupted package transaction${listed(step.unfinished)}`);
      return packages.repair(context, policy.timeoutMs);
    case "upgrade":
      context.progress(`upgrading ${step.upgrades.length} packages${listed(step.upgrades.map(({ name }) => name))}`);
      return packages.upgrade(step.scope, step.upgrades, policy, context, policy.timeoutMs);
    default:
      return step satisfies never;
  }
}

const shown = 5;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > shown ? ` and ${names.length - shown} more` : "";
  return `: ${names.slice(0, shown).join(", ")}${more}`;
}
