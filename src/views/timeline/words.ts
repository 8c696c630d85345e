import { describeStart } from "../../domain/instance/start-type.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { Timeline } from "./timeline.ts";

/** `run 0001-264c: boot, first-boot, in service after 12 s` */
export function headline(timeline: Timeline): string {
  const { run, cause, startType, durationMs } = timeline;
  const start = cause === undefined || startType === undefined ? "" : ` (${describeStart(cause, startType)})`;
  return `run ${run}${start}: ${endWords(timeline)} ${formatDuration(durationMs)}`;
}

/** Which instance and code it was, and when. */
export function byline({ role, environment, instance, commit, startedAt }: Timeline): string {
  const began = `began ${startedAt.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC")}`;
  const where = role === undefined ? [] : [environment === undefined ? role : `${role} in ${environment}`];
  return [...where, instance, commit?.slice(0, 12), began].filter((part) => part !== undefined).join(", ");
}

/** `8.1 s: commands 7.2 s, waits 0.6 s, muster 0.3 s (4%); slowest: puppet apply 6.8 s` */
export function summaryOf({ durationMs, totals, leftOut, full }: Timeline): string {
  const { commandsMs, callsMs, waitsMs, awayMs, ownMs, slowest } = totals;
  const parts = [
    ["commands", commandsMs],
    ["cloud calls", callsMs],
    ["waits", waitsMs],
    ["no agent", awayMs],
  ] as const;
  const outside = parts.filter(([, ms]) => ms > 0).map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  const share = durationMs === 0 ? 0 : Math.round((ownMs / durationMs) * 100);
  const own = `muster ${formatDuration(ownMs)} (${share}%)`;
  const most =
    slowest === undefined
      ? ""
      : `; slowest: ${slowestWords(slowest.stage, slowest.name)} ${formatDuration(slowest.ms)}`;
  const cut = full ? "; the recording was full: what came later is missing" : "";
  const few = leftOut === 0 ? "" : `; ${leftOut} short commands, calls and waits are not shown`;
  return `${formatDuration(durationMs)}: ${[...outside, own].join(", ")}${most}${few}${cut}`;
}

function slowestWords(stage: string, name: string): string {
  return name === "wait" ? `waiting in ${stage}` : name;
}

const goodEnds: Readonly<Record<string, string>> = {
  "in-service": "in service after",
  unconfirmed: "in service as before, after",
  done: "done after",
  rebooting: "rebooting after",
};

function endWords({ state, end }: Timeline): string {
  if (state === "running") return "under way for";
  if (end === undefined) return "interrupted after";
  return goodEnds[end.kind] ?? `${end.kind}${"stage" in end ? ` at ${end.stage}` : ""} after`;
}
