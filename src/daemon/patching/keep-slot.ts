import type { NoticeCode } from "../../domain/error-codes.ts";
import { reportOf } from "../../domain/errors.ts";
import type { Wish, WishBy } from "../../domain/membership.ts";
import type { StatusReport } from "../../domain/status.ts";
import { createReportGate, type ReportGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";
import type { HeldSlot } from "./slot-keeper.ts";
import { staysSo, untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "slots" | "status" | "membership" | "bus" | "clock">;

/** How soon what could not be done is tried again, and a hold is looked at, in milliseconds. */
const pollMs = 30_000;

/**
 * While this instance holds a slot: renews it as long as somebody is at work, and gives it back once the instance
 * serves again. One that is held keeps its slot and does not renew it: the fleet stops after a failure, for as long
 * as the slot's `expires` says.
 */
export async function keepSlot(deps: Deps, signal: AbortSignal): Promise<void> {
  const { slots, status, membership, clock } = deps;
  const reported = createReportGate<NoticeCode>();
  while (true) {
    await untilStatus(deps, () => slots.current() !== undefined, signal);
    const held = slots.current();
    if (held === undefined) continue;
    const seen = status.current();
    const { wish } = membership.status();
    await follow(slots.inUse() ? "nothing" : dueOf(held, seen, wish, clock.now()), reported, deps, signal);
    await staysSo(deps, (now) => now.state === seen.state && now.slot?.until === seen.slot?.until, pollMs, signal);
  }
}

/** What is to be done about a slot that nobody is leaving with just now. Pure. */
export function dueOf(
  { hold, forMs }: HeldSlot,
  { state, bootId }: Pick<StatusReport, "state" | "bootId">,
  wish: Wish | undefined,
  now: Date,
): "release" | "renew" | "nothing" {
  // Without a hold nobody ever left with it: its taker died, or could not be told.
  if (hold === undefined || (state === "in-service" && wish?.want === "in")) return "release";
  // A gate, a person or the cloud keeps the instance out otherwise: nobody is at work that comes to an end.
  const isAtWork =
    wish?.want === "out" && (byItself.has(wish.by) || (wish.by === "shutdown" && wish.bootId !== bootId));
  if (!isAtWork) return "nothing";
  return Date.parse(hold.until) - now.getTime() < (forMs * 2) / 3 ? "renew" : "nothing";
}

/** Who took it out and brings it back. A planned reboot on the way leaves a shutdown's wish behind. */
const byItself: ReadonlySet<WishBy> = new Set(["patch", "health"]);

async function follow(
  due: ReturnType<typeof dueOf>,
  reported: ReportGate<NoticeCode>,
  { slots, bus }: Deps,
  signal: AbortSignal,
): Promise<void> {
  if (due === "nothing") return;
  try {
    await slots[due](signal);
    reported.isNew(undefined);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    if (!reported.isNew(code)) return;
    const what = due === "renew" ? "renewed" : "given back";
    bus.emit({ type: "notice", level: "warning", code, text: `The slot was not ${what}: ${message}` });
  }
}
