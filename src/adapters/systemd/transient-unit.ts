import { readdir } from "node:fs/promises";
import { exec } from "../host/exec.ts";
import { programs, transientUnits } from "../../domain/paths.ts";
import type { UnitSpec } from "../../ports/unit-runner.ts";
import { graceSeconds, type ExitMarks } from "./exit-marks.ts";
import { milliseconds, systemdRun } from "./systemd-run.ts";

/** What came of asking systemd to start a unit. */
export type UnitStart =
  /** It runs, or has ended already, or systemd did not answer in time: whoever waits will see. */
  | { readonly kind: "asked" }
  /** systemd knows one of this name: it runs, or it is over and what it left in the background lives. */
  | { readonly kind: "loaded" }
  /** systemd would not, or the program could not be executed. */
  | { readonly kind: "refused"; readonly why: string };

const askMs = 60_000;
/** For what ends the unit's processes: a little longer than they have. */
const stopSeconds = graceSeconds + 15;

// What is asked of systemd here is not undone by half: it ends by its own time-out, not by the caller's abort.
const { signal: toTheEnd } = new AbortController();

/**
 * Starts a transient service that belongs to nobody: no stop, crash or upgrade of the agent reaches it.
 * Whatever the caller knew before, systemd decides: it refuses a second unit of a running name, and the
 * condition keeps it from starting one that has left its mark. So no race starts a command twice.
 * @param unit its name there, without `.service`
 */
export async function startUnit(unit: string, spec: UnitSpec, marks: ExitMarks): Promise<UnitStart> {
  const argv = startCommand(unit, spec, marks);
  const result = await exec({ argv, timeoutMs: askMs, signal: toTheEnd, beginning: true });
  if (result.outcome === "missing") return { kind: "refused", why: `${programs.systemdRun} is not installed` };
  if (result.outcome !== "exited" || result.code === 0) return { kind: "asked" };
  // systemd has no error code for it that systemd-run would pass on.
  if (/already loaded|already exists/.test(result.stderr)) return { kind: "loaded" };
  return { kind: "refused", why: result.stderr.trim() || "systemd could not start it" };
}

/** What starts it; exported for the test that keeps its promises. */
export function startCommand(unit: string, spec: UnitSpec, marks: ExitMarks): readonly [string, ...string[]] {
  return systemdRun({
    unit,
    description: spec.description,
    argv: spec.argv,
    env: spec.env,
    properties: {
      ExecStop: marks.stopCommand(unit),
      ExecStopPost: marks.markCommand(unit),
      TimeoutStopSec: `${stopSeconds}s`,
      RuntimeMaxSec: milliseconds(spec.timeoutMs),
      StandardOutput: `append:${spec.logFile}`,
      StandardError: `append:${spec.logFile}`,
      ConditionPathExistsGlob: `!${marks.glob(unit)}`,
      // Without it systemd refuses whatever starts during a shutdown, and stops what runs.
      ...(spec.duringShutdown === true ? { DefaultDependencies: "no" } : {}),
    },
  });
}

/** Stops a unit and waits until all of it is gone, what it left in the background too. No-op when there is none. */
export async function stopUnit(unit: string): Promise<void> {
  const service = `${unit}.service`;
  await exec({
    argv: [programs.systemctl, "stop", service],
    timeoutMs: (stopSeconds + 15) * 1000,
    signal: toTheEnd,
    beginning: true,
  });
  // Its command had exited by itself a moment before.
  if (await isUnknown(unit)) return;
  const argv = [programs.systemctl, "kill", "--kill-who=all", "--signal=SIGKILL", service] as const;
  await exec({ argv, timeoutMs: askMs, signal: toTheEnd, beginning: true });
}

/**
 * Whether systemd has let go of the unit, or never had one of this name, as far as a look into its directory tells;
 * asking it takes ten times as long. An older systemd has no such directory, and then nothing is known.
 */
export async function isUnknown(name: string): Promise<boolean> {
  const known = await readdir(transientUnits).catch(() => undefined);
  return known !== undefined && !known.includes(`${name}.service`);
}

/** Whether systemd has such a unit that is not over yet. While systemd does not answer, yes. */
export async function unitLives(name: string): Promise<boolean> {
  const result = await exec({
    argv: [programs.systemctl, "show", "--property=ActiveState", "--value", `${name}.service`],
    timeoutMs: askMs,
    signal: toTheEnd,
  });
  if (result.outcome !== "exited" || result.code !== 0) return true;
  return !["inactive", "failed"].includes(result.stdout.trim());
}
