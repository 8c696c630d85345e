import { readdir, readFile } from "node:fs/promises";
import { release, version } from "node:os";
import { MusterError } from "../../domain/errors.ts";
import { unitLogFile } from "../../domain/paths.ts";
import type { PatchScope } from "../../domain/role.ts";
import type { PackageChange, PackageManager, PackageState, RebootState, Upgrade } from "../../ports/package-manager.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { exec } from "../host/exec.ts";
import { commands } from "./commands.ts";
import { dpkgLocks, listLocks } from "./locks.ts";
import { parseStates, statesFormat } from "./package-states.ts";
import { changesIn } from "./progress.ts";
import { judgeReboot, kernelsFormat, parseKernels } from "./reboot.ts";
import { parsePolicy, parseSimulation } from "./simulation.ts";
import { removeTornLists } from "./torn-lists.ts";
import { commandName, lockDeadline, runTransaction, unitOf, waitForLocks, type TransactionDeps } from "./transaction.ts";

/** Units of a run that change packages, in the order in which they may run. */
const steps = { configure: "patch-configure", fix: "patch-fix", upgrade: "patch-upgrade" } as const;
const changing = [steps.configure, steps.fix, steps.upgrade];

const refreshMs = 10 * 60_000;
const lookMs = 2 * 60_000;

/** apt and dpkg, as Debian and Ubuntu ship them. */
export function createAptPackageManager(deps: TransactionDeps): PackageManager {
  const logFile = deps.logFile ?? unitLogFile;

  async function refresh(context: StageContext): Promise<void> {
    const step = `${context.stage}-refresh`;
    const name = unitOf(context.run, step);
    // An agent that died may have begun it, and it went on without it.
    const unit = { name, label: commandName(commands.refresh), logFile: logFile(name) };
    const earlier = await deps.units.attach(unit, context.signal, (line) => context.output(line));
    if (earlier?.kind === "exited" && earlier.code === 0) return;
    await removeTornLists();
    await runTransaction({ step, argv: commands.refresh, locks: listLocks, timeoutMs: refreshMs }, deps, context);
  }

  async function resume(context: StageContext): Promise<void> {
    for (const step of changing) {
      const name = unitOf(context.run, step);
      await deps.units.attach({ name, logFile: logFile(name) }, context.signal, (line) => context.output(line));
    }
  }

  async function observe(context: StageContext): Promise<PackageState> {
    await waitForLocks(dpkgLocks, "looking at the packages", lockDeadline(deps.clock), deps, context);
    const { unfinished, held } = parseStates(await look(commands.states(statesFormat), context.signal));
    const interrupted = unfinished.length > 0 || (await dpkgJournal()).length > 0;
    // apt refuses to plan before dpkg is in order.
    if (interrupted) return { interrupted, unfinished, held, upgrades: [], keptBack: [] };
    const { upgrades, keptBack } = parseSimulation(await look(commands.simulate, context.signal, "apt-get --simulate"));
    return { interrupted, unfinished, held, keptBack, upgrades: await markHiddenSecurity(upgrades, context.signal) };
  }

  async function repair(context: StageContext, timeoutMs: number): Promise<void> {
    const locks = dpkgLocks;
    await runTransaction({ step: steps.configure, argv: commands.configure, locks, timeoutMs }, deps, context).catch(
      (error: unknown) => {
        // A package that cannot be configured may be one whose dependencies apt is about to install.
        if (!(error instanceof MusterError) || error.code !== "package-dependencies-broken") throw error;
      },
    );
    await runTransaction({ step: steps.fix, argv: commands.fix, locks, timeoutMs }, deps, context);
  }

  async function upgrade(
    scope: Exclude<PatchScope, "none">,
    upgrades: readonly Upgrade[],
    context: StageContext,
    timeoutMs: number,
  ): Promise<void> {
    const argv = scope === "all" ? commands.upgradeAll : commands.upgradeThese(upgrades);
    await runTransaction({ step: steps.upgrade, argv, locks: dpkgLocks, timeoutMs }, deps, context);
  }

  async function changes(run: string): Promise<readonly PackageChange[]> {
    const logs = changing.map((step) => readFile(logFile(unitOf(run, step)), "utf8").catch(() => ""));
    return changesIn((await Promise.all(logs)).join("\n"));
  }

  return { name: "apt", refresh, resume, observe, repair, upgrade, changes, rebootState };
}

/** What dpkg wrote of a transaction that it did not finish; while there is any, apt does nothing. */
async function dpkgJournal(): Promise<readonly string[]> {
  const files = await readdir("/var/lib/dpkg/updates").catch(() => []);
  return files.filter((name) => /^\d+$/.test(name));
}

async function markHiddenSecurity(upgrades: readonly Upgrade[], signal: AbortSignal): Promise<readonly Upgrade[]> {
  const others = upgrades.filter(({ security, from }) => !security && from !== undefined).map(({ name }) => name);
  if (others.length === 0) return upgrades;
  const hidden = parsePolicy(await look(commands.policy(others), signal));
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

async function installedKernels(signal: AbortSignal) {
  const argv = commands.states(kernelsFormat, "linux-image-*");
  // No such package at all is exit 1.
  return parseKernels((await exec({ argv, timeoutMs: lookMs, signal })).stdout);
}

/** Asks something that changes nothing. */
async function look(argv: readonly [string, ...string[]], signal: AbortSignal, label = argv[0]): Promise<string> {
  const result = await exec({ argv, timeoutMs: lookMs, signal, label });
  if (result.outcome === "exited" && result.code === 0) return result.stdout;
  const said = result.outcome === "exited" ? result.stderr.trim().split("\n")[0] : result.outcome;
  throw new MusterError({
    code: "package-look-failed",
    message: `${argv[0]} could not tell the state of the packages: ${said}`,
    hint: "Run \"apt-get check\" on the instance: it says what is wrong with apt's sources or dpkg's database.",
    transient: true,
  });
}
