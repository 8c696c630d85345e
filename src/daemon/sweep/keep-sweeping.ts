import { reportOf } from "../../domain/errors/errors.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import type { DaemonDeps } from "../deps.ts";
import { sweep, type Swept } from "./sweep.ts";

type Deps = Pick<DaemonDeps, "sweeping" | "clock" | "duty" | "membership" | "status" | "pause" | "bus">;

/** Between two sweeps, in milliseconds: within the hour for which EC2 still lists terminated instances. */
const everyMs = 45 * 60_000;

/** How many members of a target group take part at each turn, on average: the sweeper, and others in its place. */
const partakers = 4;

/**
 * Sweeps after dead instances about every 45 minutes if the role has no schedule for it. Jitter spreads the sweeps over
 * a fleet. In a large group most instances that are no sweeper leave a turn out, because the members share the account's
 * requests. They do so by chance: an instance that lives for a day is as likely to take the sweeper's place as an old one.
 */
export async function keepSweeping(deps: Deps, signal: AbortSignal): Promise<void> {
  let isSweeper = false;
  while (true) {
    await sleepJittered(everyMs, deps.clock, signal);
    const { size = 0 } = deps.membership.status();
    if (!isSweeper && deps.clock.random() * size >= partakers) continue;
    if (deps.duty.current()?.role.schedule.sweep === undefined) isSweeper = await sweepNow(deps, signal);
  }
}

/**
 * One sweep, by an instance in service; none without an authority on which instances live.
 * @returns whether this instance is the sweeper of a zone
 */
export async function sweepNow(deps: Deps, signal: AbortSignal): Promise<boolean> {
  const { sweeping, membership, status, pause, bus, duty } = deps;
  const { wish } = membership.status();
  const instance = duty.current()?.identity.instance;
  if (sweeping === undefined || instance === undefined || wish === undefined) return false;
  if (status.current().state !== "in-service" || pause.current() !== undefined) return false;
  const self = { account: instance.account, region: instance.region, instance: instance.id };
  function report(what: string, error: unknown): void {
    const { code, message } = reportOf(error);
    bus.emit({ type: "notice", level: "warning", code, text: `${what}: ${message}` });
  }
  try {
    const { swept, failures, unguarded, isSweeper } = await sweep(wish, self, sweeping, signal);
    for (const one of swept) bus.emit({ type: "notice", level: "info", code: "swept", text: textOf(one) });
    for (const error of failures.slice(0, 1)) report(notSwept, error);
    for (const error of unguarded.slice(0, 1)) report("Swept without the slot of the zone", error);
    return isSweeper;
  } catch (error) {
    signal.throwIfAborted();
    report(notSwept, error);
    return false;
  }
}

const notSwept = "What dead instances left behind was not swept";

function textOf({ instance, endpoints }: Swept): string {
  return `${instance} is gone; what it left behind was taken away: ${[...new Set(endpoints)].join(", ")}`;
}
