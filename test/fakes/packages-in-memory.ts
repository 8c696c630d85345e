import { fakeHints } from "./scripted-packages.ts";
import { matchesRefGlob } from "../../src/domain/role/ref-glob.ts";
import type {
  PackageChange,
  PackageManager,
  PackageRules,
  PackageState,
  RebootState,
  Upgrade,
} from "../../src/ports/package-manager.ts";

/** Packages in memory; by default there is nothing to upgrade. */
export type FakePackages = PackageManager & {
  /** `refresh`, `repair` and `upgrade NAME,…`, in order; looking is not listed. */
  readonly calls: string[];
  /** What there is to do when nothing is excluded. */
  state: PackageState;
  reboot: RebootState;
  /** Packages that ask for a reboot once they are upgraded. */
  readonly asksForReboot: Set<string>;
  /** Services that run replaced code. */
  outdated: readonly string[];
  /** Versions by name, of what was upgraded here. */
  readonly installed: ReadonlyMap<string, string>;
  /** What happens while packages are upgraded; throw for a transaction that fails. */
  during: (signal: AbortSignal) => Promise<void>;
};

export function createPackagesInMemory(): FakePackages {
  const changes = new Map<string, readonly PackageChange[]>();
  const installed = new Map<string, string>();

  function install({ name, from, to }: Upgrade, run: string): void {
    installed.set(name, to);
    const change = { name, to, ...(from === undefined ? {} : { from }) };
    changes.set(run, [...(changes.get(run) ?? []), change]);
    if (!fake.asksForReboot.has(name)) return;
    fake.reboot = { required: true, reasons: [...fake.reboot.reasons, `${name} asks for a reboot`] };
  }

  const fake: FakePackages = {
    hints: fakeHints,
    calls: [],
    state: { interrupted: false, unfinished: [], upgrades: [], held: [], keptBack: [], excluded: [] },
    reboot: { required: false, reasons: [] },
    asksForReboot: new Set(),
    outdated: [],
    installed,
    during: async () => undefined,
    async refresh(_rules, context) {
      context.signal.throwIfAborted();
      context.progress("reading the package index");
      fake.calls.push("refresh");
      return [];
    },
    resume: async () => undefined,
    whenIdle: async () => undefined,
    async observe(rules, context) {
      context.signal.throwIfAborted();
      const { upgrades } = fake.state;
      return {
        ...fake.state,
        upgrades: upgrades.filter((upgrade) => !isExcluded(upgrade, rules)),
        excluded: upgrades.filter((upgrade) => isExcluded(upgrade, rules)).map(({ name }) => name),
      };
    },
    async repair() {
      fake.calls.push("repair");
      fake.state = { ...fake.state, interrupted: false, unfinished: [] };
    },
    async upgrade(scope, upgrades, rules, context) {
      fake.calls.push(`upgrade ${upgrades.map(({ name }) => name).join(",")}`);
      await fake.during(context.signal);
      const wanted = scope === "all" ? fake.state.upgrades : upgrades;
      const done = wanted.filter((upgrade) => !isExcluded(upgrade, rules));
      for (const upgrade of done) install(upgrade, context.run);
      const left = fake.state.upgrades.filter(({ name }) => !done.some((one) => one.name === name));
      fake.state = { ...fake.state, upgrades: left };
    },
    changes: async (run) => changes.get(run) ?? [],
    rebootState: async () => fake.reboot,
    servicesToRestart: async () => fake.outdated,
  };
  return fake;
}

/** Names of packages have no slash, so the two globs mean the same. */
function isExcluded({ name }: Upgrade, { exclude }: PackageRules): boolean {
  return exclude.some((glob) => matchesRefGlob(glob, name));
}
