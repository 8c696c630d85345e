import type { Wish, WishBy } from "../domain/membership.ts";
import type { Cause } from "../domain/run.ts";

/** Who overrules whom. Of two that are equally strong, the first keeps the instance out. */
const strength: Readonly<Record<WishBy, number>> = {
  run: 0,
  patch: 1,
  health: 1,
  notice: 2,
  shutdown: 3,
  operator: 4,
};

/**
 * Whether somebody keeps this instance out whom the one who asks may not overrule. A person's wish outlives runs and
 * reboots; all others end with the boot that they were made in. Pure.
 */
export function keptOut(wish: Wish | undefined, bootId: string, by: WishBy = "run"): boolean {
  if (wish?.want !== "out" || wish.by === by || by === "operator") return false;
  if (wish.by !== "operator" && wish.bootId !== bootId) return false;
  return wish.by !== "run" && strength[wish.by] >= strength[by];
}

/** In whose name a run joins: one that patches ends what it was made for. */
export function byOf(cause: Cause): WishBy {
  return cause === "patch" ? "patch" : "run";
}
