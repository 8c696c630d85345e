import { reportOf } from "../domain/errors.ts";
import type { DaemonDeps } from "./deps.ts";

/** Makes a run at the times that the catalogue says, for whichever role runs here now. */
export async function keepSchedule(
  deps: Pick<DaemonDeps, "executor" | "duty" | "pause" | "bus" | "scheduler">,
  signal: AbortSignal,
): Promise<void> {
  let expression: string | undefined;
  let end: (() => void) | undefined;
  function adopt(wanted: string | undefined): void {
    if (wanted === expression) return;
    end?.();
    expression = wanted;
    end = wanted === undefined ? undefined : deps.scheduler.at(wanted, () => void converge(deps, signal));
  }
  const stop = deps.duty.watch((duty) => adopt(duty?.role.schedule.converge));
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  stop();
  end?.();
}

/** A slot that meets a run under way is dropped and said: that run does its work. One in a pause is dropped. */
async function converge(deps: Pick<DaemonDeps, "executor" | "pause" | "bus">, signal: AbortSignal): Promise<void> {
  if (deps.pause.current() !== undefined) return;
  try {
    await deps.executor.run({ cause: "schedule", dryRun: false }, 0, () => undefined, signal);
  } catch (error) {
    if (signal.aborted) return;
    const { code, message } = reportOf(error);
    deps.bus.emit({ type: "notice", level: "warning", code, text: `The scheduled run was not made: ${message}` });
  }
}
