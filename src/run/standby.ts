import { z } from "zod";
import type { GroupMembership, GroupState } from "../ports/lifecycle.ts";
import type { RunDeps } from "./deps.ts";
import { stateIn } from "./known-state.ts";

/** Says that a standby is this instance's own, and of which group: it ends it by itself. A person's it leaves alone. */
const file = "standby.json";

export const standbySchema = z.object({ v: z.literal(1), group: z.string() });

/**
 * Lets the Auto Scaling group take this instance out of service for a while: what serves elsewhere makes up for it,
 * and nobody replaces it. The run that joins again ends the standby. On disk before the group is asked.
 * @returns whether it is in standby, or on its way there, by its own choice; false outside of a group, and where the
 *   instance is not in service in its own
 * @throws MusterError `standby-refused` where the group may not become smaller
 */
export async function standAside(
  { lifecycle, files }: Pick<RunDeps, "lifecycle" | "files">,
  signal: AbortSignal,
): Promise<boolean> {
  const group = await lifecycle.observe(signal);
  if (group === undefined) return false;
  if (isStandby(group.state)) return isOwnStandby(group, { files });
  if (group.state !== "in-service") return false;
  await files.write(file, `${JSON.stringify({ v: 1, group: group.group })}\n`);
  await lifecycle.enterStandby(group.group, signal);
  return true;
}

/** Whether the instance is in standby, or on its way there, because it asked for that itself. */
export async function isOwnStandby(
  group: GroupMembership | undefined,
  { files }: Pick<RunDeps, "files">,
): Promise<boolean> {
  if (group === undefined || !isStandby(group.state)) return false;
  return stateIn(standbySchema, await files.read(file))?.group === group.group;
}

/** Whether a standby of the instance's own is on record: until the run that ends it has told the group. */
export async function hasOwnStandby({ files }: Pick<RunDeps, "files">): Promise<boolean> {
  return (await files.read(file)) !== undefined;
}

/** Forgets a standby that is over, whoever ended it: the next one may be a person's. */
export async function forgetStandby({ files }: Pick<RunDeps, "files">): Promise<void> {
  if ((await files.read(file)) !== undefined) await files.remove(file);
}

export function isStandby(state: GroupState | undefined): boolean {
  return state === "standby" || state === "entering-standby";
}
