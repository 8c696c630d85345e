import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandEnd } from "../../domain/events.ts";
import { MusterError } from "../../domain/errors.ts";
import { detached, type UnitExit, type UnitRunner, type UnitSpec } from "../../ports/unit-runner.ts";
import { unwatched, watched } from "../host/command-watch.ts";
import { createBell, type Bell } from "./bell.ts";
import { createExitMarks, type ExitMarks } from "./exit-marks.ts";
import { followLog, type LogFollower } from "./log-follower.ts";
import { pruneLogs } from "./prune-logs.ts";
import { isUnknown, startUnit, stopUnit, unitLives, type UnitStart } from "./transient-unit.ts";

/** The mark wakes us. Only a unit that could not leave one is found by asking systemd, this often. */
const askEveryMs = 10_000;
const forgetMs = 60_000;

/**
 * The unit runner over systemd.
 * @param runtimeDirectory absolute; has to be in memory: what it holds must not outlive a boot
 */
export function createUnitRunner(runtimeDirectory: string): UnitRunner {
  const marks = createExitMarks(join(runtimeDirectory, "units"));
  return {
    run: (spec, signal, onLine) => runUnit(marks, spec, signal, onLine),
    attach: (unit, signal, onLine) => attachTo(marks, unit, signal, onLine),
    forget: (name) => forgetUnit(marks, name),
  };
}

type UnitLog = Pick<UnitSpec, "name" | "label" | "logFile">;
type OnLine = (line: string) => void;

async function runUnit(marks: ExitMarks, spec: UnitSpec, signal: AbortSignal, onLine: OnLine): Promise<UnitExit> {
  const ended = await exitOfEnded(marks, spec, signal);
  if (ended !== undefined) return ended;
  await pruneLogs(dirname(spec.logFile), spec.name);
  return follow(marks, spec, signal, onLine, () => startUnit(spec, marks));
}

async function attachTo(
  marks: ExitMarks,
  unit: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
): Promise<UnitExit | undefined> {
  const ended = await exitOfEnded(marks, unit, signal);
  if (ended !== undefined) return ended;
  if ((await isUnknown(unit.name)) || !(await unitLives(unit.name))) return marks.read(unit.name);
  return follow(marks, unit, signal, onLine, async () => ({ kind: "running" }));
}

async function exitOfEnded(marks: ExitMarks, { name }: UnitLog, signal: AbortSignal): Promise<UnitExit | undefined> {
  requireUnitName(name);
  signal.throwIfAborted();
  await marks.prepare();
  return marks.read(name);
}

/** Starts the unit, or finds it running, and passes its lines on until it ends. */
async function follow(
  marks: ExitMarks,
  unit: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
  start: () => Promise<UnitStart>,
): Promise<UnitExit> {
  const { name, logFile, label: command = name } = unit;
  const from = await sizeOf(logFile);
  return watched({ command, unit: { name, logFile, from } }, commandEnd, () =>
    unwatched(() => followUnit(marks, unit, signal, onLine, start)),
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
  unit: UnitLog,
  signal: AbortSignal,
  onLine: OnLine,
  start: () => Promise<UnitStart>,
): Promise<UnitExit> {
  // Before the start, so that no line is missed; what the file holds by now is older than us.
  const log = await followLog(unit.logFile, onLine);
  const bell = createBell([marks.directory, unit.logFile]);
  try {
    return await waitForEnd(marks, unit.name, await start(), log, bell, signal);
  } catch (error) {
    if (signal.aborted && signal.reason !== detached) await cancelUnit(marks, unit.name);
    throw error;
  } finally {
    bell.close();
    await log.close();
  }
}

async function waitForEnd(
  marks: ExitMarks,
  name: string,
  start: UnitStart,
  log: LogFollower,
  bell: Bell,
  signal: AbortSignal,
): Promise<UnitExit> {
  let askAt = performance.now() + (start.kind === "refused" ? 0 : askEveryMs);
  for (;;) {
    const ask = performance.now() >= askAt;
    // Asked before the mark is read: a unit that is over has left its mark by then, if it ever will.
    const gone = ask && !(await unitLives(name));
    if (ask) askAt = performance.now() + askEveryMs;
    const exit = await marks.read(name);
    if (exit !== undefined || gone) {
      await log.end();
      return exit ?? { kind: "lost", why: start.kind === "refused" ? start.why : "it left no exit state" };
    }
    await log.read();
    signal.throwIfAborted();
    await bell.wait(askEveryMs, signal);
  }
}

/** Nobody asked for this to be finished: no process and no mark of it stays. */
async function cancelUnit(marks: ExitMarks, name: string): Promise<void> {
  await stopUnit(name);
  await marks.remove(name);
}

async function forgetUnit(marks: ExitMarks, name: string): Promise<void> {
  requireUnitName(name);
  await marks.prepare();
  const deadline = performance.now() + forgetMs;
  // The mark comes a moment before systemd lets go of the name.
  while (await unitLives(name)) {
    if (performance.now() > deadline) {
      throw new MusterError({
        code: "systemd-failed",
        message: `The unit ${name}.service does not end`,
        hint: `Look at "systemctl status ${name}.service", stop it by hand and run muster again.`,
        transient: true,
      });
    }
    await sleep(50);
  }
  await marks.remove(name);
}

/** The name becomes part of a path, a glob and a command line of systemd. */
function requireUnitName(name: string): void {
  if (!/^muster-[A-Za-z0-9-]{1,180}$/.test(name)) throw new Error(`not a unit name: ${JSON.stringify(name)}`);
}
