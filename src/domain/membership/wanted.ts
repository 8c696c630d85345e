import type { InstanceState } from "../instance/state.ts";
import type { Wish } from "./membership.ts";

/** Runs and patches take the instance out for a while; in these states it is on its way back. */
const onItsWay: ReadonlySet<InstanceState> = new Set(["starting", "held", "rebooting"]);

/**
 * Whether the instance is to be in service, whatever keeps it out now: gates that do not pass and failing checks change
 * nothing about it; an operator, its group, the cloud and a patch window do. Undefined before anything is known. Pure.
 */
export function isWanted(
  wish: Pick<Wish, "want" | "by" | "joining"> | undefined,
  state: InstanceState,
): boolean | undefined {
  if (wish === undefined) return state === "new" ? undefined : true;
  if (wish.want === "in" || wish.joining === true || wish.by === "health") return true;
  return (wish.by === "run" || wish.by === "patch") && onItsWay.has(state);
}
