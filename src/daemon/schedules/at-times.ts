import { offsetMs } from "../../domain/run/splay.ts";
import type { Times } from "../../domain/run/times.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Scheduler } from "../../ports/scheduler.ts";

/** How often to check the clock for a correction, in milliseconds: the kernel does not report one. */
const pollMs = 60_000;

/**
 * Calls `work` at the times of a schedule, each delayed by this instance's offset, until `signal` aborts. Times that
 * passed while no daemon ran are skipped. After a sleep of the machine or a jump of the clock over several times,
 * `work` is called once; a clock that is set back repeats its times.
 * @returns early for times that never come
 * @throws the signal's reason when it aborts
 */
export async function atTimes(
  { name, expression, splayMs }: Times,
  instanceId: string,
  { clock, scheduler }: { readonly clock: Clock; readonly scheduler: Scheduler },
  work: (time: Date) => void,
  signal: AbortSignal,
): Promise<void> {
  const offset = offsetMs(instanceId, name, splayMs);
  function dueAfter(now: number): number | undefined {
    const slot = scheduler.next(expression, new Date(now - offset));
    return slot === undefined ? undefined : slot.getTime() + offset;
  }
  let seen = clock.now().getTime();
  let due = dueAfter(seen);
  while (due !== undefined) {
    await clock.sleep(Math.min(Math.max(0, due - seen), pollMs), signal);
    const now = clock.now().getTime();
    const isDue = now >= due;
    if (isDue) work(new Date(due - offset));
    // Smaller corrections of the clock are normal.
    if (isDue || now < seen - pollMs) due = dueAfter(now);
    seen = now;
  }
}
