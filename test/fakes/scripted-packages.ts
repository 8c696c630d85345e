// A package manager that is told what it sees, look after look, and keeps what it was asked to do.
import type { SourceFailure } from "../../src/domain/run/package-source.ts";
import type { PackageHints, PackageManager, PackageRules, PackageState } from "../../src/ports/package-manager.ts";

export type FakePackages = PackageManager & { readonly calls: readonly string[] };

/** No real package manager's: a text that names one does not have it from here. */
export const fakeHints: PackageHints = { audit: "audit-packages", rebootReasons: "who-wants-a-reboot" };

export type FakePackagesScript = {
  readonly hints?: PackageHints;
  /** What each look finds; one more look than this fails. */
  readonly looks?: readonly Partial<PackageState>[];
  /** What the calls of this name throw, one after the other; undefined succeeds. */
  readonly fails?: Partial<Record<"refresh" | "observe" | "repair" | "upgrade", readonly (Error | undefined)[]>>;
  /** The sources that a refresh which succeeds does not read, one refresh after the other. */
  readonly unread?: (readonly SourceFailure[])[];
  readonly changed?: Awaited<ReturnType<PackageManager["changes"]>>;
  readonly rebootReasons?: readonly string[];
  readonly rebootUnknown?: string;
  /** Services that run replaced code. */
  readonly outdated?: readonly string[];
};

export function createFakePackages(script: FakePackagesScript): FakePackages {
  const calls: string[] = [];
  const looks = [...(script.looks ?? [])];
  const fails = Object.fromEntries(Object.entries(script.fails ?? {}).map(([name, errors]) => [name, [...errors]]));

  async function call(name: string, text = name): Promise<void> {
    calls.push(text);
    const error = fails[name]?.shift();
    if (error !== undefined) throw error;
  }

  return {
    hints: script.hints ?? fakeHints,
    calls,
    async refresh({ releasever }) {
      await call("refresh", releasever === undefined ? "refresh" : `refresh ${releasever}`);
      return script.unread?.shift() ?? [];
    },
    resume: () => call("resume"),
    whenIdle: async () => undefined,
    async observe(rules) {
      await call("observe", `observe${without(rules)}`);
      const look = looks.shift();
      if (look === undefined) throw new Error("nobody said what this look finds");
      return { interrupted: false, unfinished: [], upgrades: [], held: [], keptBack: [], excluded: [], ...look };
    },
    repair: () => call("repair"),
    upgrade: (scope, upgrades, rules) =>
      call("upgrade", `upgrade ${scope} ${upgrades.map(({ name }) => name).join(" ")}${without(rules)}`),
    changes: async () => script.changed ?? [],
    async rebootState() {
      const reasons = script.rebootReasons ?? [];
      const unknown = script.rebootUnknown;
      return { required: reasons.length > 0, reasons, ...(unknown === undefined ? {} : { unknown }) };
    },
    servicesToRestart: async () => script.outdated ?? [],
  };
}

function without({ exclude }: PackageRules): string {
  return exclude.length === 0 ? "" : ` without ${exclude.join(" ")}`;
}
