import { reportOf } from "../../domain/errors.ts";
import { formatDuration } from "../../domain/units.ts";
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
  while (true) {
    await untilStatus(deps, () => isOutForHealth(deps), signal);
    const afterMs = deps.duty.current()?.role.health.replaceAfterMs;
    const isStill = () => isOutForHealth(deps) && deps.duty.current()?.role.health.replaceAfterMs === afterMs;
    if (afterMs !== undefined) {
      if (!(await staysSo(deps, isStill, afterMs, signal))) continue;
      while (isOutForHealth(deps) && !(await askForAnother(deps, afterMs, signal))) {
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

/** @returns false if the group has to be asked again */
async function askForAnother(
  { lifecycle, bus }: Pick<Deps, "lifecycle" | "bus">,
  afterMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const since = `not healthy for ${formatDuration(afterMs)}`;
  try {
    const group = await lifecycle.observe(signal);
    if (group === undefined) {
      const text = `This instance is ${since}, and no Auto Scaling group is there to replace it`;
      bus.emit({ type: "notice", level: "warning", code: "replacement-impossible", text });
      return true;
    }
    // The group already terminates the instance, or an operator has put it into standby.
    if (group.state !== "in-service") return true;
    await lifecycle.setUnhealthy(signal);
    const text = `Told Auto Scaling group ${group.group} that this instance is not healthy (${since}): it is replaced`;
    bus.emit({ type: "notice", level: "warning", code: "replacement-asked", text });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    bus.emit({
      type: "notice",
      level: "warning",
      code,
      text: `Auto Scaling could not be asked to replace this instance: ${message}`,
    });
    return false;
  }
}
