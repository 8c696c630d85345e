import { backoffMs } from "../../lib/async/backoff.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { EventBody } from "../../domain/run/events.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import { keepingHooks } from "../../scaling-group/heartbeats.ts";
import type { DaemonDeps } from "../deps.ts";
import { staysSo, untilStatus } from "../until-status.ts";

/** A retry does not wait for a run under way: it would start right after it. */
const noWait = 0;

/**
 * Retries the run while the instance is held, with backoff and jitter. A successful run of another cause ends the
 * retries too. A pause stops them, and the end of the pause starts a run at once: the operator who worked on the
 * machine wants to see the result.
 */
export async function keepRetrying(
  deps: Pick<DaemonDeps, "executor" | "status" | "bus" | "clock" | "retry" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  const { executor, status, bus } = deps;
  let made = 0;
  // A daemon that finds an instance held, and a retry of the one before planned, was restarted: try at once, as after a pause.
  let resumed = status.current().nextRetryAt !== undefined;
  while (true) {
    if (status.current().state !== "held") {
      made = 0;
      resumed = false;
      await untilStatus(deps, ({ state }) => state === "held", signal);
      continue;
    }
    if (isPausedWhileHeld(status.current())) {
      await heartbeating(deps, signal, () => untilStatus(deps, (now) => !isPausedWhileHeld(now), signal));
      resumed = true;
      continue;
    }
    if (!resumed && !(await isDue(deps, made + 1, signal))) continue;
    resumed = false;
    made += 1;
    try {
      await executor.run({ cause: "retry", dryRun: false }, noWait, ignore, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { code, message } = reportOf(error);
      bus.emit({ type: "notice", level: "warning", code, text: `The run was not made: ${message}` });
    }
  }
}

function isPausedWhileHeld({ state, pause }: StatusReport): boolean {
  return state === "held" && pause !== undefined;
}

function isTriedAgain({ state, pause }: StatusReport): boolean {
  return state === "held" && pause === undefined;
}

type Deps = Pick<DaemonDeps, "status" | "bus" | "clock" | "retry" | "lifecycle">;

/** Waits for the next attempt; false if the instance is no longer held, or is paused. */
async function isDue(deps: Deps, attempt: number, signal: AbortSignal): Promise<boolean> {
  const inMs = waitMs(deps, attempt);
  const nextAt = new Date(deps.clock.now().getTime() + inMs).toISOString();
  deps.bus.emit({ type: "retry-scheduled", inMs, nextAt });
  return await heartbeating(deps, signal, () => staysSo(deps, isTriedAgain, inMs, signal));
}

/** Sends heartbeats between runs too: otherwise the group would replace a held instance. */
function heartbeating<T>(deps: Deps, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return keepingHooks({ ...deps, emit: (event: EventBody) => deps.bus.emit(event) }, signal, work);
}

/** Jitter in the upper half of the backoff: an immediate retry would only repeat the failure. */
function waitMs(deps: Pick<DaemonDeps, "clock" | "retry">, attempt: number): number {
  return backoffMs({ ...deps.retry, jitter: "upper-half" }, attempt, deps.clock);
}

function ignore(): void {
  // The bus delivers the events of this run to the listeners.
}
