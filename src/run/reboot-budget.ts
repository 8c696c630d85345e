import { z } from "zod";
import type { StateFiles } from "../ports/state-files.ts";
import { stateIn } from "../lib/known-state.ts";

const file = "reboots.json";

export const rebootsSchema = z.object({
  v: z.literal(1),
  /** Planned reboots since a run came to a good end, oldest first. */
  planned: z.array(z.object({ run: z.string(), at: z.string(), boot: z.string().exactOptional() })),
});

/** The boot that it ends is absent from the files of older binaries. */
type Planned = z.infer<typeof rebootsSchema>["planned"][number];

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
  await write(files, [...others, one]);
}

/** A run came to a good end: what asked for reboots is satisfied. */
export async function restoreReboots(files: StateFiles): Promise<void> {
  if ((await read(files)).length > 0) await files.remove(file);
}

async function read(files: StateFiles): Promise<readonly Planned[]> {
  // The journal of the run knows its own; this file is what outlives it.
  return stateIn(rebootsSchema, await files.read(file))?.planned ?? [];
}

async function write(files: StateFiles, planned: readonly Planned[]): Promise<void> {
  await files.write(file, `${JSON.stringify({ v: 1, planned })}\n`);
}
