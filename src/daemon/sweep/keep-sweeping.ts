import { reportOf } from "../../domain/errors/errors.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import type { DaemonDeps } from "../deps.ts";
import { sweep, type Swept } from "./sweep.ts";

type Deps = Pick<DaemonDeps, "sweeping" | "clock" | "duty" | "membership" | "status" | "pause" | "bus">;

/** Between two sweeps, in milliseconds: within the hour for which EC2 still lists terminated instances. */
const everyMs = 45 * 60_000;

/**
 * Sweeps after dead instances about every 45 minutes if the role has no schedule for it. Jitter spreads the sweeps over
 * a fleet.
 */
export async function keepSweeping(deps: Deps, signal: AbortSignal): Promise<void> {
  while (true) {
    await sleepJittered(everyMs, deps.clock, signal);
    if (deps.duty.current()?.role.schedule.sweep === undefined) await sweepNow(deps, signal);
  }
}

/** One sweep, by an instance in service; none without an authority on which instances live. */
export async function sweepNow(deps: Deps, signal: AbortSignal): Promise<void> {
  const { sweeping, membership, status, pause, bus, duty } = deps;
  const { wish } = membership.status();
  const instance = duty.current()?.identity.instance;
  if (sweeping === undefined || instance === undefined || wish === undefined) return;
  if (status.current().state !== "in-service" || pause.current() !== undefined) return;
  const self = { account: instance.account, region: instance.region, instance: instance.id };
  function report(error: unknown): void {
    const { code, message } = reportOf(error);
    const text = `What dead instances left behind was not swept: ${message}`;
    bus.emit({ type: "notice", level: "warning", code, text });
  }
  try {
    const { swept, failures } = await sweep(wish, self, sweeping, signal);
    for (const one of swept) bus.emit({ type: "notice", level: "info", code: "swept", text: textOf(one) });
    failures.slice(0, 1).forEach(report);
  } catch (error) {
    signal.throwIfAborted();
    report(error);
  }
}

function textOf({ instance, endpoints }: Swept): string {
  return `${instance} is gone; what it left behind was taken away: ${[...new Set(endpoints)].join(", ")}`;
}
