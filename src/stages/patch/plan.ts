import type { PatchScope } from "../../domain/role/role.ts";
import type { PackageState, Upgrade } from "../../ports/package-manager.ts";
import type { PlannedStep } from "../../ports/stage-context.ts";

/** The next step of patching. */
export type PatchStep =
  | { readonly kind: "repair"; readonly unfinished: readonly string[] }
  | {
      readonly kind: "upgrade";
      readonly scope: Exclude<PatchScope, "none">;
      readonly upgrades: readonly Upgrade[];
    };

/**
 * The next step: after a repair the packages have to be observed again.
 * @returns undefined if the packages are as the scope requires
 */
export function planStep(state: PackageState, scope: Exclude<PatchScope, "none">): PatchStep | undefined {
  if (state.interrupted) return { kind: "repair", unfinished: state.unfinished };
  const upgrades = inScope(state.upgrades, scope);
  return upgrades.length === 0 ? undefined : { kind: "upgrade", scope, upgrades };
}

/**
 * Security: installed packages with a newer version in a security archive; the package manager adds what they need.
 * All: every package.
 */
function inScope(upgrades: readonly Upgrade[], scope: Exclude<PatchScope, "none">): readonly Upgrade[] {
  return scope === "all" ? upgrades : upgrades.filter(({ security, from }) => security && from !== undefined);
}

/** How many upgrades are left after a step. */
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
