// The package managers that muster knows. Only the adapter of this machine's one is loaded.
import { firstInstalled } from "../adapters/host/which.ts";
import type { Clock } from "../ports/clock.ts";
import type { PackageManager } from "../ports/package-manager.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { UnitRunner } from "../ports/unit-runner.ts";

type Deps = {
  readonly units: UnitRunner;
  readonly clock: Clock;
  readonly files: StateFiles;
  /** For questions that may fetch something: the proxies. */
  readonly variables: () => Readonly<Record<string, string>>;
};

/** A new package manager is one member here; the compiler then asks for its adapter. */
type PackageManagerName = "apt" | "dnf";

/** Each package manager, where its program is installed; in this order. */
const managers: { readonly [M in PackageManagerName]: (deps: Deps) => Promise<PackageManager | undefined> } = {
  apt: (deps) => withProgram(["apt-get"], () => apt(deps)),
  // A machine with dnf 5 may call it dnf as well.
  dnf: (deps) =>
    withProgram(["dnf5", "dnf"], async (flavour) => {
      const { createDnfPackageManager } = await import("../adapters/dnf/package-manager.ts");
      return createDnfPackageManager({ ...deps, flavour });
    }),
};

/** This machine's package manager. Where there is none, apt says that it is missing. */
export async function packagesOf(deps: Deps): Promise<PackageManager> {
  for (const find of Object.values(managers)) {
    const found = await find(deps);
    if (found !== undefined) return found;
  }
  return await apt(deps);
}

async function apt(deps: Deps): Promise<PackageManager> {
  const { createAptPackageManager } = await import("../adapters/apt/package-manager.ts");
  return createAptPackageManager(deps);
}

async function withProgram<const Program extends string>(
  programs: readonly Program[],
  load: (program: Program) => Promise<PackageManager>,
): Promise<PackageManager | undefined> {
  const program = await firstInstalled(programs);
  return program === undefined ? undefined : await load(program);
}
