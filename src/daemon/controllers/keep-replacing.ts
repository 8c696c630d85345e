import type { EventBody } from "../../domain/run/events.ts";
import { replaceUnhealthy } from "../../scaling-group/replacement.ts";
import type { DaemonDeps } from "../deps.ts";
import { staysSo, untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "duty" | "membership" | "lifecycle" | "status" | "bus" | "clock">;

/** Before Auto Scaling is asked again after a failure, in milliseconds. */
const againMs = 60_000;

/**
 * Reports the instance as unhealthy to its Auto Scaling group once it has been out of service for its health for
 * `replaceAfter`: once, and never while it serves. This process counts the time by the monotonic clock, so that a clock
 * correction does not shorten it.
 */
export async function keepReplacing(deps: Deps, signal: AbortSignal): Promise<void> {
  const { lifecycle, bus } = deps;
  const group = { lifecycle, emit: (event: EventBody) => bus.emit(event) };
  while (true) {
    await untilStatus(deps, () => isOutForHealth(deps), signal);
    const afterMs = deps.duty.current()?.role.health.replaceAfterMs;
    const isStill = () => isOutForHealth(deps) && deps.duty.current()?.role.health.replaceAfterMs === afterMs;
    if (afterMs !== undefined) {
      if (!(await staysSo(deps, isStill, afterMs, signal))) continue;
      while (isOutForHealth(deps) && !(await replaceUnhealthy(group, afterMs, signal))) {
        await staysSo(deps, isStill, againMs, signal);
      }
    }
    await untilStatus(deps, () => !isStill(), signal);
  }
}

/** A scheduled run that fails its gates leaves the wish as it is, so only the wish decides. */
function isOutForHealth({ membership, status }: Deps): boolean {
  const { wish } = membership.status();
  return wish?.want === "out" && wish.by === "health" && wish.bootId === status.current().bootId;
}
