// muster on an instance, as its commands tell.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { StageName } from "../../../src/domain/run/run.ts";
import type { InstanceState } from "../../../src/domain/instance/state.ts";
import type { StageStatus, StatusReport } from "../../../src/domain/instance/status.ts";
import type { Instance } from "../../lab/instance.ts";
import type { RunResult } from "../../lab/run.ts";

/** A command line of muster; its exit status is the answer and never throws. */
export function muster(instance: Instance, words: string, timeout = 90_000): Promise<RunResult> {
  return instance.exec(`muster ${words}`, { check: false, timeout });
}

export async function status(instance: Instance): Promise<StatusReport> {
  const { stdout, stderr } = await muster(instance, "status --json", 10_000);
  if (stdout === "") throw new Error(`muster status said nothing but: ${stderr}`);
  return JSON.parse(stdout) as StatusReport;
}

export function stage(report: StatusReport, name: StageName): StageStatus {
  const found = report.run?.stages.find((each) => each.stage === name);
  if (found === undefined) throw new Error(`the status tells of no stage ${name}`);
  return found;
}

/**
 * Says when it is worth asking muster: its status on disk fits, cannot be read, or was not asked past it for five looks.
 * A command in an instance costs a tenth of a second of CPU, and a glance at its disk from outside costs nothing.
 */
function glances(instance: Instance, fits: (report: StatusReport) => boolean): () => boolean {
  const file = join(instance.outside.written, "var/lib/muster/status.json");
  let looks = 0;
  return () => {
    looks += 1;
    if (looks % 5 === 1) return true;
    try {
      return fits(JSON.parse(readFileSync(file, "utf8")) as StatusReport);
    } catch {
      return true;
    }
  };
}

/** Waits until the run under way, if there is one, is over and the instance stands there. */
export async function waitForState(
  instance: Instance,
  state: InstanceState,
  options: { timeout?: number; run?: (run: NonNullable<StatusReport["run"]>) => boolean } = {},
): Promise<StatusReport> {
  const { timeout = 90_000, run = () => true } = options;
  const fits = (report: StatusReport) => report.run?.finished === true && run(report.run) && report.state === state;
  const isWorthAsking = glances(instance, fits);
  let last = "";
  try {
    return await instance.waitFor(
      async () => {
        if (!isWorthAsking()) return undefined;
        const report = await status(instance);
        last = `${report.state}: ${report.reason}`;
        return fits(report) ? report : undefined;
      },
      { what: `${instance.name} is ${state}`, timeout, every: 250 },
    );
  } catch (error) {
    throw new Error(`${instance.name} was not ${state} but ${last}`, { cause: error });
  }
}

/** A held instance retries soon: what a test compares has to be read in one look. */
export async function waitForStage(
  instance: Instance,
  name: StageName,
  states: readonly StageStatus["state"][],
  timeout = 60_000,
): Promise<StatusReport> {
  const fits = ({ run }: StatusReport) =>
    run?.stages.some((each) => each.stage === name && states.includes(each.state)) === true;
  const isWorthAsking = glances(instance, fits);
  return instance.waitFor(
    async () => {
      if (!isWorthAsking()) return undefined;
      const report = await status(instance);
      return fits(report) ? report : undefined;
    },
    { what: `${instance.name}: ${name} is ${states.join(" or ")}`, timeout, every: 200 },
  );
}

/** Waits until systemd says so: what the daemon asks of it is done a moment after the state has changed. */
export async function waitForUnits(instance: Instance, units: Record<string, "active" | "inactive">): Promise<void> {
  const names = Object.keys(units);
  await instance.waitFor(
    async () => {
      const { stdout } = await instance.exec(["systemctl", "is-active", ...names], { check: false });
      return (
        stdout ===
        Object.values(units)
          .map((state) => `${state}\n`)
          .join("")
      );
    },
    { what: JSON.stringify(units), timeout: 10_000, every: 200 },
  );
}
