import type { Scheduler } from "../../src/ports/scheduler.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Knows every-so-many-minutes and a minute of some hours, in UTC; `asked` are the expressions that were asked for. */
export type FakeScheduler = Scheduler & { readonly asked: Set<string> };

export function createFakeScheduler(): FakeScheduler {
  const asked = new Set<string>();
  return {
    asked,
    next(expression, after) {
      asked.add(expression);
      const { everyMs, fromMs } = meaningOf(expression);
      const next = (from: number) => from + (Math.floor((after.getTime() - from) / everyMs) + 1) * everyMs;
      return new Date(Math.min(...fromMs.map(next)));
    },
  };
}

function meaningOf(expression: string): { readonly everyMs: number; readonly fromMs: readonly number[] } {
  const [, every] = /^\*\/(\d+) \* \* \* \*$/.exec(expression) ?? [];
  if (every !== undefined && 60 % Number(every) === 0) return { everyMs: Number(every) * minuteMs, fromMs: [0] };
  const [, minute, hours] = /^(\d+) (\d+(?:,\d+)*) \* \* \*$/.exec(expression) ?? [];
  if (minute === undefined || hours === undefined) throw new Error(`the fake scheduler cannot read "${expression}"`);
  const fromMs = hours.split(",").map((hour) => (Number(hour) * 60 + Number(minute)) * minuteMs);
  return { everyMs: dayMs, fromMs };
}
