import { offsetMs } from "../domain/run/splay.ts";
import { scheduleNames, timesOf } from "../domain/run/times.ts";
import type { Scheduler } from "../ports/scheduler.ts";
import type { StateFiles } from "../ports/state-files.ts";
import { createDutyKeeper } from "../run/state/duty.ts";
import { createCatalogueReader } from "../settings/catalogue.ts";
import type { ExplainInput } from "../views/explain/input.ts";

/** When the schedule of the role is due on this instance, by its share of the splay; the soonest first. */
export async function nextTimes(
  { files, scheduler }: { readonly files: StateFiles; readonly scheduler: Scheduler },
  now: Date,
): Promise<ExplainInput["scheduled"]> {
  const keeper = createDutyKeeper(files, createCatalogueReader());
  await keeper.load();
  const duty = keeper.current();
  if (duty === undefined) return [];
  const due = scheduleNames.flatMap((name) => {
    const times = timesOf(duty.role, name);
    if (times === undefined) return [];
    const offset = offsetMs(duty.identity.instance.id, times.name, times.splayMs);
    const slot = scheduler.next(times.expression, new Date(now.getTime() - offset));
    return slot === undefined
      ? []
      : [{ name, expression: times.expression, at: new Date(slot.getTime() + offset).toISOString() }];
  });
  return due.toSorted((one, other) => one.at.localeCompare(other.at));
}
