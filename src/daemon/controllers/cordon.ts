import { departureKey, type Departure } from "../../domain/membership/departure.ts";
import { usualLeave } from "../../domain/membership/leaving.ts";
import { aborted } from "../../lib/async/aborted.ts";
import { createReportGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";

type Deps = Pick<DaemonDeps, "departures" | "duty">;

/**
 * The departure for which the instance serves on but starts no run and no patching by itself: the cloud may soon take
 * the machine back and interrupt them. Undefined without a cordon.
 */
export function cordonOf({ departures, duty }: Deps): Departure | undefined {
  const policy = duty.current()?.role.leave ?? usualLeave;
  return policy.rebalance === "cordon" ? departures.current().find(({ kind }) => kind === "rebalance") : undefined;
}

/** Reports when a cordon begins and when it is over, until `signal` aborts. */
export async function reportCordon(deps: Deps & Pick<DaemonDeps, "bus">, signal: AbortSignal): Promise<void> {
  const none = "no cordon";
  const reported = createReportGate<string>(none);
  function check(): void {
    const cordon = cordonOf(deps);
    if (!reported.isNew(cordon === undefined ? none : departureKey(cordon))) return;
    const text =
      cordon === undefined
        ? "The instance begins runs and patching by itself again"
        : `Serving on, and beginning no run and no patching by itself: ${cordon.text}`;
    deps.bus.emit({ type: "notice", level: cordon === undefined ? "info" : "warning", code: "cordoned", text });
  }
  const ends = [deps.departures.watch(check), deps.duty.watch(check)];
  try {
    await aborted(signal);
  } finally {
    for (const end of ends) end();
  }
}
