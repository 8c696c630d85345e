import type { Wish } from "../domain/membership.ts";

/**
 * Whether somebody else than a run wants this instance out: a run never overrules them. A person's wish outlives
 * runs and reboots; a shutdown's ends with the boot that it ends.
 */
export function keptOut(wish: Wish | undefined, bootId: string): boolean {
  if (wish?.want !== "out") return false;
  return wish.by === "operator" || (wish.by === "shutdown" && wish.bootId === bootId);
}
