import { z } from "zod";
import type { GroupMembership, GroupState, Lifecycle } from "../ports/lifecycle.ts";
import { stateFile } from "../ports/state-file.ts";
import type { StateFiles } from "../ports/state-files.ts";

type Deps = { readonly lifecycle: Lifecycle; readonly files: StateFiles };

/** Holds the group whose standby this instance asked for itself: a run ends that one, and leaves an operator's alone. */
export const standbyFile = stateFile("standby.json", z.object({ group: z.string() }));

/**
 * Asks the Auto Scaling group for a standby: the group takes the instance out of service for a while and does not
 * replace it. The run that joins again ends the standby. On disk before the group is asked.
 * @returns whether the instance is in a standby of its own, or on its way there; false outside of a group, and where
 *   the group does not have the instance in service
 * @throws MusterError `standby-refused` where the group may not become smaller
 */
export async function standAside({ lifecycle, files }: Deps, signal: AbortSignal): Promise<boolean> {
  const group = await lifecycle.observe(signal);
  if (group === undefined) return false;
  if (isStandby(group.state)) return isOwnStandby(group, { files });
  if (group.state !== "in-service") return false;
  await standbyFile.write(files, { group: group.group });
  await lifecycle.enterStandby(group.group, signal);
  return true;
}

/** Whether the instance is in standby, or on its way there, because the agent asked for that. */
export async function isOwnStandby(
  group: GroupMembership | undefined,
  { files }: Pick<Deps, "files">,
): Promise<boolean> {
  if (group === undefined || !isStandby(group.state)) return false;
  return (await standbyFile.read(files))?.group === group.group;
}

/** Whether a standby of the instance's own is on record: until the run that ends the standby has told the group. */
export async function hasOwnStandby({ files }: Pick<Deps, "files">): Promise<boolean> {
  return (await files.read(standbyFile.name)) !== undefined;
}

/** Forgets a standby that is over, by a run or by an operator: the next one may be an operator's. */
export async function forgetStandby({ files }: Pick<Deps, "files">): Promise<void> {
  if ((await files.read(standbyFile.name)) !== undefined) await standbyFile.remove(files);
}

export function isStandby(state: GroupState | undefined): boolean {
  return state === "standby" || state === "entering-standby";
}
