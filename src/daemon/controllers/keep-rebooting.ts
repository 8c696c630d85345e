import type { DaemonDeps } from "../deps.ts";
import { changeState } from "../../run/state/change-state.ts";
import { staysIn, untilStatus } from "../until-status.ts";

/** How long systemd may take to end the agent after it accepted a reboot, in milliseconds: units may stop slowly. */
const limitMs = 10 * 60_000;

/**
 * Handles a reboot that was requested and does not come: an operator cancelled it, or a unit does not stop. The next
 * run requests it again.
 */
export async function keepRebooting(
  deps: Pick<DaemonDeps, "status" | "bus" | "clock">,
  signal: AbortSignal,
): Promise<void> {
  const { bus } = deps;
  while (true) {
    await untilStatus(deps, ({ state }) => state === "rebooting", signal);
    if (!(await staysIn(deps, "rebooting", limitMs, signal))) continue;
    const text = "The reboot that was planned did not come: somebody took it back, or a unit does not stop";
    bus.emit({ type: "notice", level: "error", code: "reboot-failed", text });
    changeState(deps, { trigger: "reboot-missing", reason: text });
  }
}
