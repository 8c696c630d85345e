import { isTransient, reportOf } from "../domain/errors.ts";
import type { DaemonDeps } from "./deps.ts";

/** How often the metadata is asked where Auto Scaling wants the instance, in milliseconds. */
const lookMs = 5_000;

/**
 * While the instance is in the warm pool, notices that it is taken out without a boot (it was kept running, or comes
 * back from hibernation), and makes the run that brings it into service.
 */
export async function keepWaking(
  { executor, status, bus, clock, lifecycle }: Pick<DaemonDeps, "executor" | "status" | "bus" | "clock" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  while (true) {
    await clock.sleep(lookMs, signal);
    const { run, state } = status.current();
    if (run?.parked !== true || state !== "out-of-service") continue;
    try {
      if ((await lifecycle.target(signal)) !== "InService") continue;
      await executor.run({ cause: "wake", dryRun: false }, 0, () => undefined, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Metadata that does not answer, and a run under way, are asked again soon.
      if (isTransient(error)) continue;
      const { code, message } = reportOf(error);
      bus.emit({ type: "notice", level: "warning", code, text: `The run to wake up was not made: ${message}` });
    }
  }
}
