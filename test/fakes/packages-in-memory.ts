import type { PackageChange, PackageManager, PackageState, RebootState } from "../../src/ports/package-manager.ts";

/** Packages in memory; by default there is nothing to upgrade. */
export type FakePackages = PackageManager & {
  /** `refresh`, `repair` and `upgrade NAME,…`, in order; looking is not listed. */
  readonly calls: string[];
  state: PackageState;
  reboot: RebootState;
  /** What happens while packages are upgraded; throw for a transaction that fails. */
  during: (signal: AbortSignal) => Promise<void>;
};

export function createPackagesInMemory(): FakePackages {
  const changes: PackageChange[] = [];
  const fake: FakePackages = {
    name: "apt",
    calls: [],
    state: { interrupted: false, unfinished: [], upgrades: [], held: [], keptBack: [], excluded: [] },
    reboot: { required: false, reasons: [] },
    during: async () => undefined,
    async refresh(_rules, context) {
      context.signal.throwIfAborted();
      context.progress("reading the package index");
      fake.calls.push("refresh");
    },
    resume: async () => undefined,
    async observe(_rules, context) {
      context.signal.throwIfAborted();
      return fake.state;
    },
    async repair() {
      fake.calls.push("repair");
      fake.state = { ...fake.state, interrupted: false, unfinished: [] };
    },
    async upgrade(_scope, upgrades, _rules, context) {
      fake.calls.push(`upgrade ${upgrades.map(({ name }) => name).join(",")}`);
      await fake.during(context.signal);
      changes.push(...upgrades.map(({ name, to }) => ({ name, to })));
      fake.state = { ...fake.state, upgrades: [] };
    },
    changes: async () => changes.splice(0),
    rebootState: async () => fake.reboot,
    servicesToRestart: async () => [],
  };
  return fake;
}
