import { readdir } from "node:fs/promises";
import { exec } from "../host/exec.ts";
import { programs, transientUnits } from "../../domain/settings/paths.ts";
import type { UnitSpec } from "../../ports/unit-runner.ts";
import { graceSeconds, type ExitMarks } from "./exit-marks.ts";
import { milliseconds, systemdRun } from "./systemd-run.ts";

/** systemd's answer to a start. */
export type UnitStart =
  /** It runs, or has ended already, or systemd did not answer in time: the caller's wait finds out. */
  | { readonly kind: "asked" }
  /** systemd has a unit of this name: it runs, or it is over with a background process. */
  | { readonly kind: "loaded" }
  /** systemd refused, or the program could not be executed. */
  | { readonly kind: "refused"; readonly why: string };

const askMs = 60_000;
/** For the script that ends the unit's processes: a little longer than their grace. */
const stopSeconds = graceSeconds + 15;

// A request to systemd is not interrupted half way: its own time-out ends it, not the caller's abort.
const { signal: toTheEnd } = new AbortController();

/**
 * Starts a transient service that no stop, crash or upgrade of the agent reaches. systemd decides, not the caller's
 * knowledge: it refuses a second unit of a running name, and the condition keeps it from starting one that has left its
 * mark. So no race starts a command twice.
 * @param unit its name there, without `.service`
 * @param variables a file of variables for it
 */
export async function startUnit(
  unit: string,
  spec: UnitSpec,
  marks: ExitMarks,
  variables?: string,
): Promise<UnitStart> {
  const argv = startCommand(unit, spec, marks, variables);
  const result = await exec({ argv, timeoutMs: askMs, signal: toTheEnd, beginning: true });
  if (result.outcome === "missing") return { kind: "refused", why: `${programs.systemdRun} is not installed` };
  if (result.outcome !== "exited" || result.code === 0) return { kind: "asked" };
  // systemd has no error code for it that systemd-run would pass on.
  if (/already loaded|already exists/.test(result.stderr)) return { kind: "loaded" };
  return { kind: "refused", why: result.stderr.trim() || "systemd could not start it" };
}

/** The command line that starts it; exported for the test of its promises. */
export function startCommand(
  unit: string,
  spec: UnitSpec,
  marks: ExitMarks,
  variables?: string,
): readonly [string, ...string[]] {
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
      ...(variables === undefined ? {} : { EnvironmentFile: variables }),
      // Without it systemd refuses new units during a shutdown, and stops running ones.
      ...(spec.duringShutdown === true ? { DefaultDependencies: "no" } : {}),
    },
  });
}

/** Stops a unit and waits until all of its processes are gone, background ones too. No-op without one. */
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
 * Whether systemd has unloaded the unit, or never had one of this name, as its directory shows; asking systemd takes
 * ten times as long. An older systemd has no such directory: then it is unknown.
 */
export async function isUnknown(name: string): Promise<boolean> {
  const known = await readdir(transientUnits).catch(() => undefined);
  return known !== undefined && !known.includes(`${name}.service`);
}

/** Whether systemd has such a unit that is not over yet. True while systemd does not answer. */
export async function unitLives(name: string): Promise<boolean> {
  const result = await exec({
    argv: [programs.systemctl, "show", "--property=ActiveState", "--value", `${name}.service`],
    timeoutMs: askMs,
    signal: toTheEnd,
  });
  if (result.outcome !== "exited" || result.code !== 0) return true;
  return !["inactive", "failed"].includes(result.stdout.trim());
}
