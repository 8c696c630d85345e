import { backoffMs } from "../lib/async/backoff.ts";
import { reportOf } from "../domain/errors.ts";
import type { EventBody } from "../domain/events.ts";
import type { StatusReport } from "../domain/status.ts";
import { keepingHooks } from "../scaling-group/heartbeats.ts";
import type { DaemonDeps } from "./deps.ts";
import { staysSo, untilStatus } from "./until-status.ts";

/** Runs are queued behind one that is under way; a retry does not: it would be made at once after it. */
const noWait = 0;

/**
 * While the instance is held, makes a run again and again, with backoff and jitter between them. A run that
 * somebody else asked for and that ends well ends this too. A pause stops it, and the end of the pause makes a run at
 * once: who looked at the machine by hand wants to see what that did.
 */
export async function keepRetrying(
  deps: Pick<DaemonDeps, "executor" | "status" | "bus" | "clock" | "retry" | "lifecycle">,
  signal: AbortSignal,
): Promise<void> {
  const { executor, status, bus } = deps;
  let made = 0;
  let resumed = false;
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

/** Waits before a try; false when it is not to be made, because the instance is held no more, or paused. */
async function isDue(deps: Deps, attempt: number, signal: AbortSignal): Promise<boolean> {
  const inMs = waitMs(deps, attempt);
  const nextAt = new Date(deps.clock.now().getTime() + inMs).toISOString();
  deps.bus.emit({ type: "retry-scheduled", inMs, nextAt });
  return await heartbeating(deps, signal, () => staysSo(deps, isTriedAgain, inMs, signal));
}

/** Between runs too: an instance that is held is not replaced for want of a word. */
function heartbeating<T>(deps: Deps, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return keepingHooks({ ...deps, emit: (event: EventBody) => deps.bus.emit(event) }, signal, work);
}

/** Full jitter above half of the cap: a retry at once would only repeat the failure. */
function waitMs(deps: Pick<DaemonDeps, "clock" | "retry">, attempt: number): number {
  return backoffMs({ ...deps.retry, jitter: "upper-half" }, attempt, deps.clock);
}

function ignore(): void {
  // Whoever follows the events hears of this run on the bus.
}
