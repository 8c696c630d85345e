import { backoffMs } from "../lib/async/backoff.ts";
import { reportOf } from "../domain/errors.ts";
import type { EventBody } from "../domain/events.ts";
import { keepingHooks } from "../run/heartbeats.ts";
import type { DaemonDeps } from "./deps.ts";
import { staysIn, untilStatus } from "./until-status.ts";

/** Runs are queued behind one that is under way; a retry does not: it would be made at once after it. */
const noWait = 0;

/**
 * While the instance is held, makes a run again and again, with backoff and jitter between them. A run that
 * somebody else asked for and that ends well ends this too.
 */
export async function keepRetrying(
  deps: Pick<DaemonDeps, "executor" | "status" | "bus" | "clock" | "retry" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  const { executor, status, bus, clock } = deps;
  const heartbeats = { ...deps, emit: (event: EventBody) => bus.emit(event) };
  let attempt = 0;
  while (true) {
    if (status.current().state !== "held") {
      attempt = 0;
      await untilStatus(deps, ({ state }) => state === "held", signal);
      continue;
    }
    attempt += 1;
    const inMs = waitMs(deps, attempt);
    bus.emit({ type: "retry-scheduled", inMs, nextAt: new Date(clock.now().getTime() + inMs).toISOString() });
    // Between runs too: an instance that is held is not replaced for want of a word.
    if (!(await keepingHooks(heartbeats, signal, () => staysIn(deps, "held", inMs, signal)))) continue;
    try {
      await executor.run({ cause: "retry", dryRun: false }, noWait, ignore, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = reportOf(error);
      bus.emit({ type: "notice", level: "warning", code, text: `The run was not made: ${message}` });
    }
  }
}

/** Full jitter above half of the cap: a retry at once would only repeat the failure. */
function waitMs(deps: Pick<DaemonDeps, "clock" | "retry">, attempt: number): number {
  return backoffMs({ ...deps.retry, jitter: "upper-half" }, attempt, deps.clock);
}

function ignore(): void {
  // Whoever follows the events hears of this run on the bus.
}
