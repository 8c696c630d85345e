import type { MusterError } from "../../domain/errors/errors.ts";
import type { SourceFailure } from "../../domain/run/package-source.ts";
import type { PatchScope } from "../../domain/role/role.ts";
import type {
  PackageChange,
  PackageManager,
  PackageRules,
  PackageState,
  Upgrade,
} from "../../ports/package-manager.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { createTransactions, type Dialect, type TransactionDeps } from "../host/packages/transactions.ts";
import { failureOf, usualHolders } from "./failure.ts";
import { commandsOf, environment, locks, rpm, type Argv, type Flavour } from "./flavour.ts";
import {
  changesBetween,
  duplicatesIn,
  formatInstalled,
  installedFormat,
  parseInstalled,
  specOf,
  type Installed,
} from "./installed.ts";
import { isDatabaseTorn, query, queryAny, type Variables } from "./query.ts";
import { observeRestarts, servicesToRestart } from "./observe-restarts.ts";
import { failedScriptsIn, progressOf } from "./progress.ts";
import { observeLock } from "./observe-lock.ts";
import { parseResolved, type Planned } from "./resolved.ts";
import { verdictsIn } from "./verdicts.ts";

export type DnfDeps = TransactionDeps & {
  readonly flavour: Flavour;
  readonly files: StateFiles;
  readonly variables?: () => Variables;
};

/** Commands of a run that change packages, in the order in which they may run. */
const steps = ["patch-rebuild", "patch-remove", "patch-reinstall", "patch-upgrade"] as const;
type Step = (typeof steps)[number];

const refreshMs = 10 * 60_000;

export const dnfDialect: Dialect = { environment, usualHolders, progressOf, failureOf };

/** dnf 4 and dnf 5, which differ in their words. Changes are read from rpm's database itself. */
export function createDnfPackageManager({ flavour, files, variables = () => ({}), ...deps }: DnfDeps): PackageManager {
  const transactions = createTransactions(deps, dnfDialect);
  const commands = commandsOf(flavour);

  /** The unread repositories of the last refresh. */
  let unread: readonly string[] = [];

  async function refresh(rules: PackageRules, context: StageContext): Promise<readonly SourceFailure[]> {
    const unit = { step: `${context.stage}-refresh`, label: `${flavour} makecache` };
    // The command may have been begun by an agent that died, and gone on without it.
    const earlier = await transactions.attach(unit, context);
    if (earlier?.kind === "exited" && earlier.code === 0) return [];
    const argv = commands.refresh(rules);
    const lines = await transactions.run({ ...unit, argv, locks, timeoutMs: refreshMs }, context);
    const { read, failed } = verdictsIn(lines);
    // dnf exits with success even if it could read nothing at all.
    if (failed.length > 0 && read === 0) throw nothingRead(unit.label, lines);
    unread = failed.map(({ source }) => source);
    return failed;
  }

  async function resume(context: StageContext): Promise<void> {
    for (const step of steps) await transactions.attach({ step, label: flavour, changesPackages: true }, context);
  }

  function observe(rules: PackageRules, context: StageContext): Promise<PackageState> {
    return transactions.whenFree(locks, "looking at the packages", context, () =>
      observePackages(rules, context.signal),
    );
  }

  async function observePackages(rules: PackageRules, signal: AbortSignal): Promise<PackageState> {
    // versionlock hides the packages that an administrator holds from dnf.
    const nothing = { held: [], upgrades: [], keptBack: [], excluded: [] };
    const installed = await installedPackages(signal);
    if (installed === "torn") return { ...nothing, interrupted: true, unfinished: [] };
    const unfinished = duplicatesIn(installed).map(({ newest }) => newest.name);
    if (unfinished.length > 0) return { ...nothing, interrupted: true, unfinished };
    const all = await resolve(false, rules, signal);
    const security = all.upgrades.length === 0 ? all : await resolve(true, rules, signal);
    const locked =
      rules.releasever === undefined ? await observeLock(commands.releaseUpdates, variables(), signal) : undefined;
    return {
      ...nothing,
      interrupted: false,
      unfinished,
      upgrades: upgradesOf([...all.upgrades, ...all.installs], security.upgrades, installed),
      keptBack: namesOf(all.skipped),
      excluded: rules.exclude.length === 0 ? [] : await othersThan(all, rules, signal),
      ...(locked === undefined ? {} : { locked }),
    };
  }

  async function resolve(security: boolean, rules: PackageRules, signal: AbortSignal) {
    const said = await query(
      commands.simulate(security, { ...rules, unread }),
      `${flavour} --assumeno`,
      signal,
      variables(),
    );
    return parseResolved(said);
  }

  /** What would be upgraded or skipped as well without exclusions. */
  async function othersThan(seen: ReturnType<typeof parseResolved>, rules: PackageRules, signal: AbortSignal) {
    const free = await resolve(false, { ...rules, exclude: [] }, signal);
    const known = new Set(namesOf([...seen.upgrades, ...seen.installs, ...seen.skipped]));
    return namesOf([...free.upgrades, ...free.installs, ...free.skipped]).filter((name) => !known.has(name));
  }

  async function repair(context: StageContext, timeoutMs: number): Promise<void> {
    let installed = await installedPackages(context.signal);
    if (installed === "torn") {
      await change("patch-rebuild", rpm.rebuild, context, timeoutMs);
      installed = await installedPackages(context.signal);
    }
    if (installed === "torn") return;
    await remember(context.run, installed);
    const duplicates = duplicatesIn(installed);
    const older = duplicates.flatMap((one) => one.older.map(specOf));
    if (older.length > 0) await change("patch-remove", commands.remove(older), context, timeoutMs);
    // The scripts of the new version may not have run.
    const newest = duplicates.map((one) => specOf(one.newest));
    if (newest.length > 0) await change("patch-reinstall", commands.reinstall(newest), context, timeoutMs);
  }

  async function upgrade(
    scope: Exclude<PatchScope, "none">,
    _upgrades: readonly Upgrade[],
    rules: PackageRules,
    context: StageContext,
    timeoutMs: number,
  ): Promise<void> {
    const installed = await installedPackages(context.signal);
    if (installed !== "torn") await remember(context.run, installed);
    const lines = await change(
      "patch-upgrade",
      commands.upgrade(scope === "security", { ...rules, unread }),
      context,
      timeoutMs,
    );
    const failed = failedScriptsIn(lines);
    if (failed.length === 0) return;
    context.warn("package-script-failed", `Packages are in place, but scripts of theirs failed: ${failed.join(", ")}`);
  }

  function change(step: Step, argv: Argv, context: StageContext, timeoutMs: number): Promise<readonly string[]> {
    const label = argv[0] === flavour ? `${flavour} ${verbOf(argv)}` : argv[0];
    return transactions.run({ step, label, argv, locks, timeoutMs, changesPackages: true }, context);
  }

  /** The packages before the first change of a run. A later boot or agent of the run reads the same record. */
  async function remember(run: string, installed: readonly Installed[]): Promise<void> {
    if ((await files.read(memoryOf(run))) !== undefined) return;
    await files.write(memoryOf(run), formatInstalled(installed));
  }

  async function changes(run: string): Promise<readonly PackageChange[]> {
    const memory = await files.read(memoryOf(run));
    if (memory === undefined) return [];
    const installed = await installedPackages(new AbortController().signal);
    return installed === "torn" ? [] : changesBetween(parseInstalled(memory), installed);
  }

  return {
    hints: commands.hints,
    refresh,
    resume,
    whenIdle: (context) => transactions.whenIdle(locks, context),
    observe,
    repair,
    upgrade,
    changes,
    rebootState: (signal) => observeRestarts(commands.rebootHint, signal),
    servicesToRestart: (signal) => servicesToRestart(commands.services, signal),
  };
}

function nothingRead(what: string, lines: readonly string[]): MusterError {
  return failureOf({ what, exit: { kind: "exited", code: 0 }, lines, logFile: "/var/log/dnf.log" });
}

async function installedPackages(signal: AbortSignal): Promise<readonly Installed[] | "torn"> {
  const result = await queryAny(rpm.installed(installedFormat), "rpm --query", signal);
  if (isDatabaseTorn(result)) return "torn";
  return parseInstalled(result.stdout);
}

/** In the words of the port; a package of the security transaction is a security upgrade. */
function upgradesOf(
  planned: readonly Planned[],
  security: readonly Planned[],
  installed: readonly Installed[],
): readonly Upgrade[] {
  const urgent = new Set(security.map(keyOf));
  const before = new Map(installed.map((one) => [keyOf(one), one.version]));
  return planned.map((one) => {
    const from = before.get(keyOf(one));
    return {
      name: one.name,
      to: one.version,
      security: urgent.has(keyOf(one)),
      ...(from === undefined ? {} : { from }),
    };
  });
}

function keyOf({ name, arch }: { readonly name: string; readonly arch: string }): string {
  return `${name}.${arch}`;
}

function namesOf(packages: readonly Planned[]): readonly string[] {
  return [...new Set(packages.map(({ name }) => name))];
}

function verbOf(argv: Argv): string {
  return argv.slice(1).find((arg) => !arg.startsWith("-")) ?? "";
}

function memoryOf(run: string): string {
  return `runs/${run}/packages`;
}
