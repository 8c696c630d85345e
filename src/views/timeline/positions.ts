import type { RunEvent } from "../../domain/run/events.ts";
import type { Now } from "./timeline.ts";

/** An event and its time, in whole milliseconds since the first of the run. */
export type Placed = { readonly event: RunEvent; readonly ms: number; readonly boot: string | undefined };

type Moment = Pick<RunEvent, "at" | "upMs">;

/** The origin of the times of one boot. */
type Anchor = { readonly moment: Moment; readonly ms: number };

/**
 * Places events, one after the other, on one line that never goes back. Within a boot by the time since the boot, which
 * no clock step changes; between boots by the wall clock, the only one available.
 */
export function createPlacer(): (event: RunEvent) => Placed {
  let anchor: Anchor | undefined;
  let before: Placed | undefined;
  return (event) => {
    const boot = event.type === "run-started" ? event.boot : before?.boot;
    if (before === undefined || anchor === undefined) anchor = { moment: event, ms: 0 };
    else if (isNewBoot(before, event, boot)) {
      anchor = { moment: event, ms: before.ms + Math.max(0, wallMs(before.event, event)) };
    }
    before = { event, ms: Math.max(before?.ms ?? 0, anchor.ms + elapsedMs(anchor.moment, event)), boot };
    return before;
  };
}

/** The position of this moment in the run; undefined if the machine has booted since. */
export function placeOfNow(last: Placed, now: Now): number | undefined {
  if (last.boot !== undefined && last.boot !== now.boot) return undefined;
  return last.ms + Math.max(0, elapsedMs(last.event, now));
}

function isNewBoot(before: Placed, event: RunEvent, boot: string | undefined): boolean {
  if (event.type !== "run-started") return false;
  if (boot !== undefined && before.boot !== undefined) return boot !== before.boot;
  return (event.upMs ?? 0) < (before.event.upMs ?? 0);
}

function elapsedMs(from: Moment, to: Moment): number {
  if (from.upMs === undefined || to.upMs === undefined) return wallMs(from, to);
  return Math.round(to.upMs - from.upMs);
}

function wallMs(from: Moment, to: Moment): number {
  return Date.parse(to.at) - Date.parse(from.at);
}
