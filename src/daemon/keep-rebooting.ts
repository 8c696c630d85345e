import type { DaemonDeps } from "./deps.ts";

/** How long systemd may take to end us after it has taken a reboot on, in milliseconds: units may stop slowly. */
const limitMs = 10 * 60_000;

/** How often the state is looked at, in milliseconds. */
const lookMs = 5_000;

/** A reboot that was asked for and does not come: somebody took it back, and the run asks for it again. */
export async function keepRebooting(
  { status, bus, clock }: Pick<DaemonDeps, "status" | "bus" | "clock">,
  signal: AbortSignal,
): Promise<void> {
  let sinceMs: number | undefined;
  while (true) {
    await clock.sleep(lookMs, signal);
    if (status.current().state !== "rebooting") {
      sinceMs = undefined;
      continue;
    }
    sinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - sinceMs < limitMs) continue;
    const text = "The reboot that was planned did not come: somebody took it back, or a unit does not stop";
    bus.emit({ type: "notice", level: "error", code: "reboot-failed", text });
    bus.emit({ type: "state-changed", state: "held", reason: text });
  }
}
