import type { Engines } from "../ports/engine.ts";
import type { PackageManager } from "../ports/package-manager.ts";
import type { UnitRunner } from "../ports/unit-runner.ts";

/** The adapter of each engine. Only those that the role asks for are loaded. */
export function enginesOf(deps: { readonly units: UnitRunner; readonly packages: PackageManager }): Engines {
  return {
    puppet: async () => (await import("../adapters/puppet/engine.ts")).createPuppetEngine(deps),
  };
}
