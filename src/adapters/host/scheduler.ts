import { createTask, schedule } from "node-cron";
import type { Scheduler } from "../../ports/scheduler.ts";

/** node-cron, without its own printing. */
export function createScheduler(): Scheduler {
  return {
    at(expression, work) {
      const task = schedule(expression, () => work(), { noOverlap: true, logger: silent });
      return () => void task.destroy();
    },
  };
}

/** The next time of a cron expression, from the wall clock's now on; undefined when there is none. */
export function nextTime(expression: string): Date | undefined {
  // A task that was never started holds no timer.
  return createTask(expression, ignore, { logger: silent }).getNextRuns(1)[0];
}

function ignore(): void {
  // What is worth knowing of a schedule is told by the run that it makes.
}

const silent = { info: ignore, warn: ignore, error: ignore, debug: ignore };
