import { z } from "zod";
import type { StateFiles } from "../ports/state-files.ts";

const file = "reboots.json";

const schema = z.object({
  v: z.literal(1),
  /** Planned reboots since a run came to a good end, oldest first. */
  planned: z.array(z.object({ run: z.string(), at: z.string() })),
});

type Planned = z.infer<typeof schema>["planned"];

/** How many reboots were planned since a run came to a good end; it outlives a journal that cannot be read. */
export async function rebootsSpent(files: StateFiles): Promise<number> {
  return (await read(files)).length;
}

/** Puts one on record, before it is asked for. */
export async function spendReboot(files: StateFiles, run: string, at: string): Promise<void> {
  await write(files, [...(await read(files)), { run, at }]);
}

/** A run came to a good end: what asked for reboots is satisfied. */
export async function restoreReboots(files: StateFiles): Promise<void> {
  if ((await read(files)).length > 0) await files.remove(file);
}

async function read(files: StateFiles): Promise<Planned> {
  const text = await files.read(file);
  if (text === undefined) return [];
  try {
    return schema.parse(JSON.parse(text)).planned;
  } catch {
    // The journal of the run knows its own; this file is what outlives it.
    return [];
  }
}

async function write(files: StateFiles, planned: Planned): Promise<void> {
  await files.write(file, `${JSON.stringify({ v: 1, planned })}\n`);
}
