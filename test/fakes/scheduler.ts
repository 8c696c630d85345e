import type { Scheduler } from "../../src/ports/scheduler.ts";

const minuteMs = 60_000;

/** Knows every-so-many-minutes and a minute of each day, in UTC; `asked` are the expressions that were asked for. */
export type FakeScheduler = Scheduler & { readonly asked: Set<string> };

export function createFakeScheduler(): FakeScheduler {
  const asked = new Set<string>();
  return {
    asked,
    next(expression, after) {
      asked.add(expression);
      const { everyMs, fromMs } = meaningOf(expression);
      const passed = Math.floor((after.getTime() - fromMs) / everyMs);
      return new Date(fromMs + (passed + 1) * everyMs);
    },
  };
}

function meaningOf(expression: string): { readonly everyMs: number; readonly fromMs: number } {
  const [, every] = /^\*\/(\d+) \* \* \* \*$/.exec(expression) ?? [];
  if (every !== undefined && 60 % Number(every) === 0) return { everyMs: Number(every) * minuteMs, fromMs: 0 };
  const [, minute, hour] = /^(\d+) (\d+) \* \* \*$/.exec(expression) ?? [];
  if (minute === undefined || hour === undefined) throw new Error(`the fake scheduler cannot read "${expression}"`);
  return { everyMs: 24 * 60 * minuteMs, fromMs: (Number(hour) * 60 + Number(minute)) * minuteMs };
}
