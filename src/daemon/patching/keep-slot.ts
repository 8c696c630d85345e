import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { Wish, WishBy } from "../../domain/membership/membership.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import { createReportGate, type ReportGate } from "../../lib/async/report.ts";
import type { DaemonDeps } from "../deps.ts";
import type { HeldSlot } from "./slot-keeper.ts";
import { staysSo, untilStatus } from "../until-status.ts";

type Deps = Pick<DaemonDeps, "slots" | "status" | "membership" | "bus" | "clock">;

/** Between two checks of a hold, and before a retry, in milliseconds. */
const pollMs = 30_000;

/**
 * While this instance holds a slot: renews it as long as work is under way, and releases it once the instance serves
 * again. A held instance keeps its slot without renewing it: after a failure the rest of the fleet waits until the
 * slot's `expires` is over.
 */
export async function keepSlot(deps: Deps, signal: AbortSignal): Promise<void> {
  const { slots, status, membership, clock } = deps;
  const reported = createReportGate<LogNoticeCode>();
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

/** What to do about a slot while no leave is under way. Pure. */
export function dueOf(
  { hold, forMs }: HeldSlot,
  { state, bootId }: Pick<StatusReport, "state" | "bootId">,
  wish: Wish | undefined,
  now: Date,
): "release" | "renew" | "nothing" {
  // Without a hold no leave began: the agent died before it had the answer.
  if (hold === undefined || (state === "in-service" && wish?.want === "in")) return "release";
  // A gate, an operator or the cloud keeps the instance out: no work is under way that would end.
  const isAtWork =
    wish?.want === "out" && (byItself.has(wish.by) || (wish.by === "shutdown" && wish.bootId !== bootId));
  if (!isAtWork) return "nothing";
  return Date.parse(hold.until) - now.getTime() < (forMs * 2) / 3 ? "renew" : "nothing";
}

/** These wishes end by themselves. A planned reboot in between leaves the wish of a shutdown behind. */
const byItself: ReadonlySet<WishBy> = new Set(["patch", "health"]);

async function follow(
  due: ReturnType<typeof dueOf>,
  reported: ReportGate<LogNoticeCode>,
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
