import type { LeavePlan } from "../../domain/membership/leave-plan.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { CommandIo } from "../command.ts";
import { plain, styleFor, wrap } from "./style.ts";

/** The column of the actions: after the time. */
const column = 20;

/** The plan of a leave for people: the latest times, and the actions. */
export function leavePlanText(plan: LeavePlan, io: CommandIo): string {
  const { strong, dim, warn, marks } = styleFor(io);
  const within = plan.withinMs === undefined ? "nobody hurries" : `within ${formatDuration(plan.withinMs)}`;
  let last = "";
  const steps = plan.steps.map(({ fromMs, upToMs, text }) => {
    const at = fromMs === 0 && upToMs === 0 ? "at once" : upToMs > 0 ? `up to ${formatDuration(upToMs)}` : "then";
    const when = at === last ? "" : at;
    last = at;
    return `  ${dim(when.padEnd(column - 2))}${wrap(plain(text), io.columns, column)}`;
  });
  const gone = plan.goneMs === undefined ? "" : `, ready to go after at most ${formatDuration(plan.goneMs)}`;
  const out = plan.outMs === 0 ? "at once" : `after at most ${formatDuration(plan.outMs)}`;
  return [
    strong(`leaving as ${plan.as}, ${within}`),
    ...steps,
    ...plan.warnings.map((text) => `  ${warn(marks.warning)} ${wrap(plain(text), io.columns, 4)}`),
    wrap(`out of service ${out}${gone}; nothing was changed`, io.columns, 2),
    "",
  ].join("\n");
}
