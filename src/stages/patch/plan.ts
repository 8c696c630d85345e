import type { PatchScope } from "../../domain/role.ts";
import type { PackageState, Upgrade } from "../../ports/package-manager.ts";
import type { PlannedStep } from "../../ports/stage-context.ts";

/** The next thing to do to the packages. */
export type PatchStep =
  | { readonly kind: "repair"; readonly unfinished: readonly string[] }
  | {
      readonly kind: "upgrade";
      readonly scope: Exclude<PatchScope, "none">;
      readonly upgrades: readonly Upgrade[];
    };

/**
 * What is to be done next, one step at a time: after a repair the packages have to be looked at again.
 * @returns undefined when the packages are as the scope wants them
 */
export function planStep(state: PackageState, scope: Exclude<PatchScope, "none">): PatchStep | undefined {
  if (state.interrupted) return { kind: "repair", unfinished: state.unfinished };
  const upgrades = inScope(state.upgrades, scope);
  return upgrades.length === 0 ? undefined : { kind: "upgrade", scope, upgrades };
}

/**
 * Security: installed packages for which a security archive has something newer; what they need besides is
 * the package manager's business. All: everything.
 */
function inScope(upgrades: readonly Upgrade[], scope: Exclude<PatchScope, "none">): readonly Upgrade[] {
  return scope === "all" ? upgrades : upgrades.filter(({ security, from }) => security && from !== undefined);
}

/** How many upgrades are left when a step is done. */
export function pendingAfter(state: PackageState, step: PatchStep | undefined): number {
  const done = step?.kind === "upgrade" ? step.upgrades.length : 0;
  return state.upgrades.length - done + state.keptBack.length + state.excluded.length;
}

/** A step as a dry run prints it. */
export function describeStep(step: PatchStep): readonly PlannedStep[] {
  switch (step.kind) {
    case "repair":
      return [
        { text: "complete an interrupted package transaction", details: step.unfinished },
        { text: "upgrade packages: decided at run time, after that" },
      ];
    case "upgrade": {
      const count = step.upgrades.length;
      const what = step.scope === "security" ? "security upgrade" : "upgrade";
      const details = step.upgrades.map(describeUpgrade);
      return [{ text: `install ${count} ${what}${count === 1 ? "" : "s"}`, details }];
    }
  }
}

function describeUpgrade({ name, from, to, security }: Upgrade): string {
  return `${name} ${from === undefined ? `${to} (new)` : `${from} -> ${to}`}${security ? " (security)" : ""}`;
}
