import type { Wish, WishBy } from "../../domain/membership/membership.ts";
import type { Cause } from "../../domain/run/run.ts";

/** A stronger request overrules a weaker one. Of two that are equally strong, the first keeps the instance out. */
const strength: Readonly<Record<WishBy, number>> = {
  run: 0,
  patch: 1,
  health: 1,
  notice: 2,
  shutdown: 3,
  operator: 4,
};

/**
 * Whether the desired state is out of service by a request that `by` may not overrule. An operator's request outlives
 * runs and reboots; every other request ends with its boot. Pure.
 */
export function keptOut(wish: Wish | undefined, bootId: string, by: WishBy = "run"): boolean {
  if (wish?.want !== "out" || wish.by === by || by === "operator") return false;
  if (wish.by !== "operator" && wish.bootId !== bootId) return false;
  return wish.by !== "run" && strength[wish.by] >= strength[by];
}

/** The requester that a run joins as. A patch run overrules the leave that was made for it. */
export function byOf(cause: Cause): WishBy {
  return cause === "patch" ? "patch" : "run";
}
