import { isTransient, reportOf } from "../domain/errors.ts";
import type { DaemonDeps } from "./deps.ts";
import { untilStatus } from "./until-status.ts";

/** How often the metadata is asked where Auto Scaling wants the instance, in milliseconds. */
const lookMs = 5_000;

/**
 * While the instance is in the warm pool, notices that it is taken out without a boot (it was kept running, or comes
 * back from hibernation), and makes the run that brings it into service.
 */
export async function keepWaking(
  deps: Pick<DaemonDeps, "executor" | "status" | "bus" | "clock" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  while (true) {
    await untilStatus(deps, ({ run, state }) => run?.parked === true && state === "out-of-service", signal);
    await deps.clock.sleep(lookMs, signal);
    await wakeIfWanted(deps, signal);
  }
}

async function wakeIfWanted(
  { executor, bus, lifecycle }: Pick<DaemonDeps, "executor" | "bus" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  try {
    if ((await lifecycle.target(signal)) !== "InService") return;
    await executor.run({ cause: "wake", dryRun: false }, 0, () => undefined, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Metadata that does not answer, and a run under way, are asked again soon.
    if (isTransient(error)) return;
    const { code, message } = reportOf(error);
    bus.emit({ type: "notice", level: "warning", code, text: `The run to wake up was not made: ${message}` });
  }
}
