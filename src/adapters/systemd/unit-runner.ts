import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandEnd } from "../../domain/run/events.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { detached, type UnitExit, type UnitRunner, type UnitSpec } from "../../ports/unit-runner.ts";
import { unwatched, watched } from "../host/command-watch.ts";
import { createBell, type Bell } from "./bell.ts";
import { createEnvironmentFile, type EnvironmentFile } from "./environment-file.ts";
import { createExitMarks, type ExitMarks } from "./exit-marks.ts";
import { followLog, type LogFollower } from "./log-follower.ts";
import { pruneLogs } from "./prune-logs.ts";
import { createUnitNames, type UnitNames } from "./unit-names.ts";
import { isUnknown, startUnit, stopUnit, unitLives, type UnitStart } from "./transient-unit.ts";

/** The mark wakes the runner. A unit that could not leave one is found by asking systemd, this often. */
const askEveryMs = 10_000;
const forgetMs = 60_000;

/**
 * The unit runner over systemd.
 * @param runtimeDirectory absolute; has to be in memory: its content must not outlive a boot
 * @param variables of the units besides their own; absent: none
 */
export function createUnitRunner(
  runtimeDirectory: string,
  variables?: () => Readonly<Record<string, string>>,
): UnitRunner {
  const directory = join(runtimeDirectory, "units");
  const environmentFile = createEnvironmentFile(runtimeDirectory, variables ?? (() => ({})));
  const world = { marks: createExitMarks(directory), names: createUnitNames(directory), environmentFile };
  return {
    run: (spec, signal, onLine) => runUnit(world, spec, signal, onLine),
    attach: (log, signal, onLine) => attachTo(world, log, signal, onLine),
    forget: (name) => forgetUnit(world, name),
  };
}

type World = { readonly marks: ExitMarks; readonly names: UnitNames; readonly environmentFile: EnvironmentFile };
type UnitLog = Pick<UnitSpec, "name" | "label" | "logFile">;
type OnLine = (line: string) => void;

/** The unit of the work, and the result of its start. */
type Started = { readonly unit: string; readonly start: UnitStart };

async function runUnit(world: World, spec: UnitSpec, signal: AbortSignal, onLine: OnLine): Promise<UnitExit> {
  const { exit } = await ended(world, spec, signal);
  if (exit !== undefined) return exit;
  await pruneLogs(dirname(spec.logFile), spec.name);
  return follow(world.marks, spec, signal, onLine, () => startFree(world, spec));
}

async function attachTo(
  world: World,
  log: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
): Promise<UnitExit | undefined> {
  const { exit, unit } = await ended(world, log, signal);
  if (exit !== undefined) return exit;
  if ((await isUnknown(unit)) || !(await unitLives(unit))) return world.marks.read(unit);
  return follow(world.marks, log, signal, onLine, async () => ({ unit, start: { kind: "asked" } }));
}

/** The unit of this name, and how it ended if it did. */
async function ended({ marks, names }: World, { name }: UnitLog, signal: AbortSignal) {
  requireUnitName(name);
  signal.throwIfAborted();
  await marks.prepare();
  const unit = await names.current(name);
  return { unit, exit: await marks.read(unit) };
}

/** Starts the unit, under another number if a background process of an earlier one keeps its name. */
async function startFree({ marks, names, environmentFile }: World, spec: UnitSpec): Promise<Started> {
  const variables = await environmentFile();
  for (;;) {
    const unit = await names.current(spec.name);
    const start = await startUnit(unit, spec, marks, variables);
    if (start.kind !== "loaded") return { unit, start };
    // In this order: a unit that is over has left its mark by then, if it ever will.
    if ((await unitLives(unit)) || (await marks.read(unit)) !== undefined) return { unit, start };
    await names.leave(spec.name, unit);
  }
}

/** Starts the unit, or finds it running, and passes its lines on until it ends. */
async function follow(
  marks: ExitMarks,
  log: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
  start: () => Promise<Started>,
): Promise<UnitExit> {
  const { name, logFile, label: command = name } = log;
  const from = await sizeOf(logFile);
  return watched({ command, unit: { name, logFile, from } }, commandEnd, () =>
    unwatched(() => followUnit(marks, log, signal, onLine, start)),
  );
}

/** In bytes; 0 when there is no file yet. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

function commandEnd(exit: UnitExit): CommandEnd {
  return exit.kind === "exited" ? { ended: "exited", code: exit.code } : { ended: exit.kind };
}

async function followUnit(
  marks: ExitMarks,
  { logFile }: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
  start: () => Promise<Started>,
): Promise<UnitExit> {
  // Before the start, so that no line is missed; the present content of the file is older.
  const log = await followLog(logFile, onLine);
  const bell = createBell([marks.directory, logFile]);
  try {
    const started = await start();
    try {
      return await waitForEnd(marks, started, log, bell, signal);
    } catch (error) {
      if (signal.aborted && signal.reason !== detached) await cancelUnit(marks, started.unit);
      throw error;
    }
  } finally {
    bell.close();
    await log.close();
  }
}

async function waitForEnd(
  marks: ExitMarks,
  { unit, start }: Started,
  log: LogFollower,
  bell: Bell,
  signal: AbortSignal,
): Promise<UnitExit> {
  let askAt = performance.now() + (start.kind === "refused" ? 0 : askEveryMs);
  for (;;) {
    const ask = performance.now() >= askAt;
    // Asked before the mark is read: a unit that is over has left its mark by then, if it ever will.
    const gone = ask && !(await unitLives(unit));
    if (ask) askAt = performance.now() + askEveryMs;
    const exit = await marks.read(unit);
    if (exit !== undefined || gone) {
      await log.end();
      return exit ?? { kind: "lost", why: start.kind === "refused" ? start.why : "it left no exit state" };
    }
    await log.read();
    signal.throwIfAborted();
    await bell.wait(askEveryMs, signal);
  }
}

/** The work was cancelled: no process and no mark of it stays. */
async function cancelUnit(marks: ExitMarks, unit: string): Promise<void> {
  await stopUnit(unit);
  await marks.remove(unit);
}

async function forgetUnit({ marks, names }: World, name: string): Promise<void> {
  requireUnitName(name);
  await marks.prepare();
  const unit = await names.current(name);
  const deadline = performance.now() + forgetMs;
  // The mark comes a moment before the unit is over.
  while (await unitLives(unit)) {
    if (performance.now() > deadline) {
      throw new MusterError({
        code: "systemd-failed",
        message: `The unit ${unit}.service does not end`,
        hint: `Look at "systemctl status ${unit}.service", stop it by hand and run muster again.`,
        transient: true,
      });
    }
    await sleep(50);
  }
  await marks.remove(unit);
}

/** The name becomes part of a path, a glob and a command line of systemd. */
function requireUnitName(name: string): void {
  if (!/^muster-[A-Za-z0-9-]{1,180}$/.test(name)) throw new Error(`not a unit name: ${JSON.stringify(name)}`);
}
