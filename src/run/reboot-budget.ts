import { z } from "zod";
import { stateFile } from "../ports/state-file.ts";
import type { StateFiles } from "../ports/state-files.ts";

/** Loose: a reboot of a newer binary is written again as it was. */
const planned = z.looseObject({ run: z.string(), at: z.string(), boot: z.string().exactOptional() });

export const rebootsFile = stateFile(
  "reboots.json",
  z.object({
    /** Planned reboots since a run came to a good end, oldest first. */
    planned: z.array(planned),
  }),
);

/** The boot that it ends is absent from the files of older binaries. */
type Planned = { readonly run: string; readonly at: string; readonly boot?: string };

/**
 * How many planned reboots were made since a run came to a good end; it outlives a journal that cannot be read. One
 * of this very boot was not made: it was refused, or whoever planned it died.
 */
export async function rebootsSpent(files: StateFiles, bootId: string): Promise<number> {
  return (await read(files)).filter(({ boot }) => boot !== bootId).length;
}

/** Puts one on record, before it is asked for; a boot ends but once. */
export async function spendReboot(files: StateFiles, one: Required<Planned>): Promise<void> {
  const others = (await read(files)).filter(({ boot }) => boot !== one.boot);
  await rebootsFile.write(files, { planned: [...others, one] });
}

/** A run came to a good end: what asked for reboots is satisfied. */
export async function restoreReboots(files: StateFiles): Promise<void> {
  if ((await read(files)).length > 0) await rebootsFile.remove(files);
}

async function read(files: StateFiles): Promise<readonly Planned[]> {
  // The journal of the run knows its own; this file is what outlives it.
  return (await rebootsFile.read(files))?.planned ?? [];
}
