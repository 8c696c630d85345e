import { schedule } from "node-cron";
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

function ignore(): void {
  // What is worth knowing of a schedule is told by the run that it makes.
}

const silent = { info: ignore, warn: ignore, error: ignore, debug: ignore };
