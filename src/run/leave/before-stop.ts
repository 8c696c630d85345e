import { createHash } from "node:crypto";
import { basename } from "node:path";
import { programs, unitLogFile } from "../../domain/settings/paths.ts";
import type { StopCommand } from "../../domain/role/role.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { UnitExit, UnitRunner, UnitSpec } from "../../ports/unit-runner.ts";
import type { EventBus } from "../state/event-bus.ts";

export type BeforeStopDeps = {
  readonly units: UnitRunner;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly bus: Pick<EventBus, "emit">;
};

/** With less time left a command is not started, in milliseconds. */
const shortestMs = 500;

/**
 * Runs the role's commands for before the machine goes, one after the other. Each runs at most once until the instance
 * comes back: a unit that still runs is waited for, one that has ended is not run again. A failure is reported, and the
 * next command runs.
 * @param leftMs how much time there still is, in milliseconds
 * @throws the signal's reason
 */
export async function beforeStop(
  deps: BeforeStopDeps,
  commands: readonly StopCommand[],
  leftMs: () => number,
  signal: AbortSignal,
): Promise<void> {
  for (const [at, command] of commands.entries()) {
    const timeoutMs = Math.min(command.timeoutMs, leftMs());
    const what = labelOf(command);
    if (timeoutMs < shortestMs) {
      const text = `There was no time left to run ${what} before the machine goes`;
      deps.bus.emit({ type: "notice", level: "warning", code: "before-stop-failed", text });
      continue;
    }
    const begun = deps.clock.monotonicMs();
    const exit = await deps.units.run(specOf(at, command, timeoutMs), signal, () => undefined);
    reportExit(deps, what, exit, unitLogFile(unitOf(at, command)), deps.clock.monotonicMs() - begun);
  }
}

/** The instance comes back: every command may run again. */
export async function forgetBeforeStop({ units }: Pick<BeforeStopDeps, "units">, commands: readonly StopCommand[]) {
  for (const [at, command] of commands.entries()) await units.forget(unitOf(at, command));
}

function specOf(at: number, command: StopCommand, timeoutMs: number): UnitSpec {
  const { run } = command;
  const name = unitOf(at, command);
  return {
    name,
    description: `muster: ${labelOf(command)}, before the machine goes`,
    label: labelOf(command),
    argv: "shell" in run ? [programs.shell, "-c", run.shell] : run.argv,
    env: {},
    logFile: unitLogFile(name),
    timeoutMs,
    duringShutdown: true,
  };
}

/** A command that was changed in the catalogue gets another unit. */
function unitOf(at: number, { run }: StopCommand): string {
  const digest = createHash("sha256").update(JSON.stringify(run)).digest("hex").slice(0, 8);
  return `muster-before-stop-${at + 1}-${digest}`;
}

/** Never the arguments, which may hold a secret. */
function labelOf({ run }: StopCommand): string {
  return "shell" in run ? "a shell line of beforeStop" : basename(run.argv[0]);
}

function reportExit({ bus }: BeforeStopDeps, what: string, exit: UnitExit, log: string, ms: number): void {
  if (exit.kind === "exited" && exit.code === 0) {
    const text = `Ran ${what} before the machine goes (${formatDuration(ms)})`;
    return bus.emit({ type: "notice", level: "info", code: "before-stop-done", text });
  }
  const text = `${what} did not succeed before the machine goes: ${howItEnded(exit)}; what it printed is in ${log}`;
  bus.emit({ type: "notice", level: "warning", code: "before-stop-failed", text });
}

function howItEnded(exit: UnitExit): string {
  switch (exit.kind) {
    case "exited":
      return `exit status ${exit.code}`;
    case "killed":
      return `ended by ${exit.signal}`;
    case "timed-out":
      return "stopped because its time was out";
    case "lost":
      return exit.why;
  }
}
