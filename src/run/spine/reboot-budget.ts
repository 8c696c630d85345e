import { z } from "zod";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

/** Loose: a reboot of a newer binary is written again as it was. */
const planned = z.looseObject({ run: z.string(), at: z.string(), boot: z.string().exactOptional() });

export const rebootsFile = stateFile(
  "reboots.json",
  z.object({
    /** Planned reboots since the last run that ended well, oldest first. */
    planned: z.array(planned),
  }),
);

/** The boot that it ends is absent from the files of older binaries. */
type Planned = { readonly run: string; readonly at: string; readonly boot?: string };

/**
 * How many planned reboots were made since the last run that ended well; the count outlives an unreadable journal. One
 * of this very boot was not made: it was refused, or its agent died.
 */
export async function rebootsSpent(files: StateFiles, bootId: string): Promise<number> {
  return (await read(files)).filter(({ boot }) => boot !== bootId).length;
}

/** Records a planned reboot before it is requested; a boot ends only once. */
export async function spendReboot(files: StateFiles, one: Required<Planned>): Promise<void> {
  const others = (await read(files)).filter(({ boot }) => boot !== one.boot);
  await rebootsFile.write(files, { planned: [...others, one] });
}

/** A run ended well: no more reboots are due. */
export async function restoreReboots(files: StateFiles): Promise<void> {
  if ((await read(files)).length > 0) await rebootsFile.remove(files);
}

async function read(files: StateFiles): Promise<readonly Planned[]> {
  // The journal of the run has its own count; this file outlives it.
  return (await rebootsFile.read(files))?.planned ?? [];
}
