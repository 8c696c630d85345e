import { readdir, readFile } from "node:fs/promises";
import { release, version } from "node:os";
import { MusterError } from "../../domain/errors/errors.ts";
import type { SourceFailure } from "../../domain/run/package-source.ts";
import type { PatchScope } from "../../domain/role/role.ts";
import type {
  PackageChange,
  PackageHints,
  PackageManager,
  PackageRules,
  PackageState,
  RebootState,
  Upgrade,
} from "../../ports/package-manager.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { decisiveLine } from "../../domain/errors/decisive-line.ts";
import { exec } from "../host/exec.ts";
import { createTransactions, type Dialect, type TransactionDeps } from "../host/packages/transactions.ts";
import { commands } from "./commands.ts";
import { preferencesFor } from "./exclude.ts";
import { failureOf, sourcesFailure, usualHolders } from "./failure.ts";
import { parseStates, statesFormat } from "./package-states.ts";
import { changesIn, progressOf } from "./progress.ts";
import { judgeReboot, kernelsFormat, parseKernels } from "./reboot.ts";
import { parseServices } from "./services.ts";
import { parsePolicy, parseSimulation, type Simulation } from "./simulation.ts";
import { withFiles } from "./source-files.ts";
import { removeTornLists } from "./torn-lists.ts";
import { verdictsIn } from "./verdicts.ts";

/** Commands of a run that change packages, in the order in which they may run. */
const steps = {
  configure: { step: "patch-configure", label: "dpkg --configure", changesPackages: true },
  reinstall: { step: "patch-reinstall", label: "apt-get --reinstall", changesPackages: true },
  fix: { step: "patch-fix", label: "apt-get --fix-broken", changesPackages: true },
  upgrade: { step: "patch-upgrade", label: "apt-get upgrade", changesPackages: true },
} as const;
const changing = [steps.configure, steps.reinstall, steps.fix, steps.upgrade];

const refreshMs = 10 * 60_000;
const queryMs = 2 * 60_000;

/** The locks of apt and dpkg. `DPkg::Lock::Timeout` waits for the first two only. */
const dpkgLocks = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock"];
const listLocks = ["/var/lib/apt/lists/lock"];

/** An apt without Error-Mode only warns of failed downloads, and exits with 0. */
const notFetched = /^W: (?:Failed to fetch|Some index files failed)/;

/**
 * Ask a silent resolver once, for two seconds a name server (resolver(5)): with three of them and a search domain, a
 * dead source cost 31 seconds this way, and 84 without.
 */
const resolverPatience = { RES_OPTIONS: "timeout:2 attempts:1" };

/** The places that a refresh writes to. */
const indexPlaces = ["/var/lib/apt/lists", "/var/lib/apt/lists/partial", "/var/cache/apt"];

export const aptDialect: Dialect = {
  environment: {
    DEBIAN_FRONTEND: "noninteractive",
    APT_LISTCHANGES_FRONTEND: "none",
    APT_LISTBUGS_FRONTEND: "none",
    UCF_FORCE_CONFFOLD: "1",
    // needrestart only lists services: it must restart neither muster nor a service in use.
    NEEDRESTART_MODE: "l",
  },
  usualHolders,
  progressOf,
  failureOf,
};

export const aptHints: PackageHints = { audit: "dpkg --audit", rebootReasons: "cat /run/reboot-required.pkgs" };

/** apt and dpkg, as Debian and Ubuntu ship them. */
export function createAptPackageManager(deps: TransactionDeps): PackageManager {
  const transactions = createTransactions(deps, aptDialect);

  async function refresh(_rules: PackageRules, context: StageContext): Promise<readonly SourceFailure[]> {
    const unit = { step: `${context.stage}-refresh`, label: "apt-get update", writes: indexPlaces };
    // The command may have been begun by an agent that died, and gone on without it.
    const earlier = await transactions.attach(unit, context);
    if (earlier?.kind === "exited" && earlier.code === 0) return [];
    await removeTornLists();
    const how = {
      argv: commands.refresh,
      locks: listLocks,
      timeoutMs: refreshMs,
      failedBy: notFetched,
      isResult: isPartlyRead,
    };
    const lines = await transactions.run({ ...unit, ...how, env: resolverPatience }, context);
    return withFiles(verdictsIn(lines).failed);
  }

  async function resume(context: StageContext): Promise<void> {
    for (const unit of changing) await transactions.attach(unit, context);
  }

  function whenIdle(context: StageContext): Promise<void> {
    return transactions.whenIdle([...dpkgLocks, ...listLocks], context);
  }

  function observe(rules: PackageRules, context: StageContext): Promise<PackageState> {
    return transactions.whenFree(dpkgLocks, "looking at the packages", context, () =>
      observePackages(rules, context.signal),
    );
  }

  async function repair(context: StageContext, timeoutMs: number): Promise<void> {
    const locks = dpkgLocks;
    const configure = { ...steps.configure, argv: commands.configure, locks, timeoutMs };
    await transactions.run(configure, context).catch((error: unknown) => {
      // A package that cannot be configured may depend on one that apt is about to install.
      if (!(error instanceof MusterError) || error.code !== "package-dependencies-broken") throw error;
    });
    const { torn } = parseStates(await query(commands.states(statesFormat), context.signal));
    if (torn.length > 0) {
      await transactions.run({ ...steps.reinstall, argv: commands.reinstall(torn), locks, timeoutMs }, context);
    }
    await transactions.run({ ...steps.fix, argv: commands.fix, locks, timeoutMs }, context);
  }

  async function upgrade(
    scope: Exclude<PatchScope, "none">,
    upgrades: readonly Upgrade[],
    { exclude }: PackageRules,
    context: StageContext,
    timeoutMs: number,
  ): Promise<void> {
    const preferences = await preferencesFor(exclude);
    const argv = scope === "all" ? commands.upgradeAll(preferences) : commands.upgradeThese(upgrades, preferences);
    await transactions.run({ ...steps.upgrade, argv, locks: dpkgLocks, timeoutMs }, context);
  }

  async function changes(run: string): Promise<readonly PackageChange[]> {
    return changesIn(await transactions.printed(run, changing));
  }

  return {
    hints: aptHints,
    refresh,
    resume,
    whenIdle,
    observe,
    repair,
    upgrade,
    changes,
    rebootState,
    servicesToRestart,
  };
}

/** Some sources were read: the result names the others. */
function isPartlyRead(lines: readonly string[]): boolean {
  const { read, failed } = verdictsIn(lines);
  return read > 0 && failed.length > 0;
}

async function observePackages({ exclude }: PackageRules, signal: AbortSignal): Promise<PackageState> {
  const { unfinished, held } = parseStates(await query(commands.states(statesFormat), signal));
  const interrupted = unfinished.length > 0 || (await dpkgJournal()).length > 0;
  // apt refuses to plan before dpkg is in order.
  if (interrupted) return { interrupted, unfinished, held, upgrades: [], keptBack: [], excluded: [] };
  const preferences = await preferencesFor(exclude);
  const { upgrades, keptBack } = await simulate(preferences, signal);
  const excluded = preferences.length === 0 ? [] : await othersThan(upgrades, keptBack, signal);
  const marked = await markHiddenSecurity(upgrades, signal);
  return { interrupted, unfinished, held, keptBack, excluded, upgrades: marked };
}

/** dpkg's record of a transaction that it did not finish; while there is one, apt does nothing. */
async function dpkgJournal(): Promise<readonly string[]> {
  const files = await readdir("/var/lib/dpkg/updates").catch(() => []);
  return files.filter((name) => /^\d+$/.test(name));
}

async function simulate(preferences: readonly string[], signal: AbortSignal): Promise<Simulation> {
  return parseSimulation(await query(commands.simulate(preferences), signal, "apt-get --simulate"));
}

/** What would be upgraded or kept back as well without exclusions. */
async function othersThan(
  upgrades: readonly Upgrade[],
  keptBack: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const free = await simulate([], signal);
  const known = new Set([...namesOf(upgrades), ...keptBack]);
  return [...namesOf(free.upgrades), ...free.keptBack].filter((name) => !known.has(name));
}

function namesOf(upgrades: readonly Upgrade[]): readonly string[] {
  return upgrades.map(({ name }) => name);
}

async function markHiddenSecurity(upgrades: readonly Upgrade[], signal: AbortSignal): Promise<readonly Upgrade[]> {
  const others = upgrades.filter(({ security, from }) => !security && from !== undefined).map(({ name }) => name);
  if (others.length === 0) return upgrades;
  const hidden = parsePolicy(await query(commands.policy(others), signal));
  return upgrades.map((upgrade) => (hidden.has(upgrade.name) ? { ...upgrade, security: true } : upgrade));
}

async function rebootState(signal: AbortSignal): Promise<RebootState> {
  const [flag, packages, container, kernels] = await Promise.all([
    readFile("/run/reboot-required", "utf8").catch(() => undefined),
    readFile("/run/reboot-required.pkgs", "utf8").catch(() => ""),
    readFile("/run/systemd/container", "utf8").catch(() => undefined),
    installedKernels(signal),
  ]);
  return judgeReboot({
    flagged: flag !== undefined,
    packages: packages.split("\n"),
    container: container !== undefined,
    release: release(),
    build: version(),
    kernels,
  });
}

async function servicesToRestart(signal: AbortSignal): Promise<readonly string[]> {
  return parseServices((await exec({ argv: commands.needrestart, timeoutMs: queryMs, signal })).stdout);
}

async function installedKernels(signal: AbortSignal) {
  const argv = commands.states(kernelsFormat, "linux-image-*");
  // An unknown package is exit 1.
  return parseKernels((await exec({ argv, timeoutMs: queryMs, signal })).stdout);
}

/** Runs a command that changes nothing. */
async function query(argv: readonly [string, ...string[]], signal: AbortSignal, label = argv[0]): Promise<string> {
  const result = await exec({ argv, timeoutMs: queryMs, signal, label });
  if (result.outcome === "exited" && result.code === 0) return result.stdout;
  const said = result.outcome === "exited" ? decisiveLine(result.stderr.split("\n")) : result.outcome;
  const broken = sourcesFailure("apt", result.stderr.split("\n"));
  if (broken !== undefined) throw broken;
  throw new MusterError({
    code: "package-look-failed",
    message: `${argv[0]} could not tell the state of the packages: ${said}`,
    hint: "Run \"apt-get check\" on the instance: it says what is wrong with apt's sources or dpkg's database.",
    transient: true,
  });
}
