import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import {
  aptEngineConfig,
  facterDirectory,
  programPath,
  puppetRunsDirectory,
  unitLogFile,
} from "../../domain/settings/paths.ts";
import type { Engine, EngineRun } from "../../ports/engine.ts";
import type { PackageManager } from "../../ports/package-manager.ts";
import type { StageContext } from "../../ports/stage-context.ts";
import { detached, type UnitRunner } from "../../ports/unit-runner.ts";
import { engineEnvironment } from "../host/packages/engine-environment.ts";
import { replaceFile } from "../host/handles/replace-file.ts";
import { placesIn, puppetCommand, type PuppetMode, type RunPlaces } from "./command.ts";
import { factText, writeFactFile } from "./fact-file.ts";
import { driftOf, outcomeOf, type Ended } from "./outcome.ts";
import { checkFiles, findPuppet } from "./program.ts";
import { createPuppetProgress } from "./progress.ts";

export type PuppetDeps = {
  readonly units: UnitRunner;
  /** The package manager whose locks an apply waits for. */
  readonly packages: Pick<PackageManager, "whenIdle">;
  /** The file of a unit's output; the next five are for tests. */
  readonly logFile?: (unit: string) => string;
  /**
   * The directory for Puppet's counts and messages. Every boot has to empty it, as with the exit states of units: then
   * a report belongs to the exit that was found.
   */
  readonly reportsDirectory?: string;
  readonly factsDirectory?: string;
  readonly searchPath?: string;
  readonly aptConfig?: string;
};

/** Masterless Puppet, 7 and 8. */
export function createPuppetEngine(deps: PuppetDeps): Engine<"puppet"> {
  const { units, logFile = unitLogFile } = deps;
  const reports = deps.reportsDirectory ?? puppetRunsDirectory;
  const searchPath = deps.searchPath ?? programPath;
  const aptConfig = deps.aptConfig ?? aptEngineConfig;
  return {
    name: "puppet",

    async check(run) {
      await findPuppet(searchPath);
      await checkFiles(run.step, run.directory);
    },

    async publishFact(fact) {
      const directory = deps.factsDirectory ?? facterDirectory;
      try {
        await writeFactFile(directory, factText(fact));
      } catch (error) {
        throw unwritable(directory, error);
      }
    },

    async apply(run, context) {
      const places = await prepare(reports, context.run, run);
      return outcomeOf(await runPuppet(run, places, "apply", context));
    },

    async compare(run, context) {
      const places = await prepare(reports, context.run, run);
      const name = unitName(run, context);
      // A run of an agent that died may still go on; its files are not this one's.
      await units.forget(name);
      await removeReports(places);
      await rm(logFile(name), { force: true });
      try {
        return await driftOf(await runPuppet(run, places, "compare", context));
      } finally {
        if (!context.signal.aborted) await units.forget(name);
      }
    },
  };

  async function environment(): Promise<Readonly<Record<string, string>>> {
    try {
      return await engineEnvironment(aptConfig);
    } catch (error) {
      throw unwritable(dirname(aptConfig), error);
    }
  }

  async function runPuppet(
    run: EngineRun<"puppet">,
    places: RunPlaces,
    mode: PuppetMode,
    context: StageContext,
  ): Promise<Ended> {
    const program = await findPuppet(searchPath);
    const name = unitName(run, context);
    const log = logFile(name);
    const progress = createPuppetProgress(context);
    context.progress(`puppet apply ${run.step.manifest}`);
    try {
      const unit = { name, label: "puppet apply", logFile: log };
      const hear = (line: string): void => progress.line(line);
      // A unit that runs already may hold the very locks that a new one has to wait for.
      const earlier = await units.attach(unit, context.signal, hear);
      if (earlier !== undefined) return { exit: earlier, places, log, directory: run.directory };
      if (mode === "apply") await deps.packages.whenIdle(context);
      const exit = await units.run(
        {
          ...unit,
          description: `muster: puppet apply ${mode === "compare" ? "--noop " : ""}${run.step.manifest}`,
          argv: puppetCommand(program, run.step, run.directory, places, mode),
          // Ruby expands ~ by HOME, and prints UTF-8 only in such a locale.
          env: { ...(await environment()), HOME: "/root", LANG: "C.UTF-8" },
          timeoutMs: run.step.timeoutMs,
        },
        context.signal,
        hear,
      );
      return { exit, places, log, directory: run.directory };
    } catch (error) {
      // A cancelled unit leaves no exit state, so it may run again: its files must not be taken for the next one's.
      if (context.signal.aborted && context.signal.reason !== detached) await removeReports(places);
      throw error;
    } finally {
      progress.end();
    }
  }
}

function unitName(run: EngineRun<"puppet">, context: StageContext): string {
  return `muster-${context.run}-${run.unit}`;
}

/**
 * Makes the directory of an engine run and removes those of older runs. Existing files in it stay, as do those of this
 * run's other steps: a unit may be running, or may have ended while the agent was away.
 */
async function prepare(reports: string, runId: string, run: EngineRun<"puppet">): Promise<RunPlaces> {
  const places = placesIn(join(reports, runId, run.unit));
  try {
    await mkdir(join(places.environments, run.step.environment), { recursive: true, mode: 0o700 });
    await replaceFile(places.noHiera, "version: 5\nhierarchy: []\n", { mode: 0o600 });
    for (const other of await readdir(reports)) {
      if (other !== runId) await rm(join(reports, other), { recursive: true, force: true });
    }
  } catch (error) {
    throw unwritable(reports, error);
  }
  return places;
}

async function removeReports(places: RunPlaces): Promise<void> {
  await rm(places.summary, { force: true });
  await rm(places.catalogues, { recursive: true, force: true });
  await rm(places.messages, { force: true });
}

function unwritable(directory: string, cause: unknown): MusterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MusterError({
    code: "state-write-failed",
    message: `Cannot write in ${directory}: ${why}`,
    hint: "Check free space (df -h, df -i), that the file system is writable, and that muster runs as root.",
    cause,
    transient: true,
  });
}
