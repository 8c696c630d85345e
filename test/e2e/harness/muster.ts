// muster on an instance, as its commands tell.
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

/** Waits until the run under way, if there is one, is over and the instance stands there. */
export async function waitForState(
  instance: Instance,
  state: InstanceState,
  options: { timeout?: number; run?: (run: NonNullable<StatusReport["run"]>) => boolean } = {},
): Promise<StatusReport> {
  const { timeout = 90_000, run = () => true } = options;
  let last = "";
  try {
    return await instance.waitFor(
      async () => {
        const report = await status(instance);
        last = `${report.state}: ${report.reason}`;
        const over = report.run?.finished === true && run(report.run);
        return over && report.state === state ? report : undefined;
      },
      { what: `${instance.name} is ${state}`, timeout, every: 500 },
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
  return instance.waitFor(
    async () => {
      const report = await status(instance);
      const found = report.run?.stages.find((each) => each.stage === name);
      return found !== undefined && states.includes(found.state) ? report : undefined;
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
