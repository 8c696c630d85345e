import { createTask, type ScheduledTask } from "node-cron";
import type { Scheduler } from "../../ports/scheduler.ts";

/** node-cron, to interpret an expression; its timers skip a time during which the machine slept. */
export const scheduler: Scheduler = {
  next(expression, after) {
    const task = taskOf(expression);
    // node-cron only finds times from now on.
    const found = task && (past(task, after) ?? task.getNextRuns(1)[0]);
    void task?.destroy();
    return found;
  },
};

/** A task that was never started holds no timer. Undefined for a date that does not exist. */
function taskOf(expression: string): ScheduledTask | undefined {
  try {
    return createTask(expression, ignore, { logger: silent });
  } catch {
    return undefined;
  }
}

const minuteMs = 60_000;

function past(task: ScheduledTask, after: Date): Date | undefined {
  const now = Date.now();
  for (let at = (Math.floor(after.getTime() / minuteMs) + 1) * minuteMs; at <= now; at += minuteMs) {
    if (task.match(new Date(at))) return new Date(at);
  }
  return undefined;
}

function ignore(): void {
  // Never started, never called.
}

const silent = { info: ignore, warn: ignore, error: ignore, debug: ignore };
