import { z } from "zod";
import { canonical } from "../../domain/text/canonical.ts";
import type { Absences } from "../../domain/membership/sweep.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

/** The notes from one sweep for the next. */
export type SweepNotes = {
  /** Instances that were missing from the last answer. */
  readonly absences: Absences;
  /** Where to continue in each zone. */
  readonly from: Readonly<Record<string, string>>;
};

const schema = z.object({
  absences: z.record(z.string(), z.object({ at: z.iso.datetime(), bootId: z.string(), upMs: z.number() })),
  from: z.record(z.string(), z.string()),
});

export const sweepFile = stateFile("sweep.json", schema);

/** Lost or damaged notes are started again: the sweep only takes longer then. */
export async function readNotes(files: Pick<StateFiles, "read">): Promise<SweepNotes> {
  return (await sweepFile.read(files)) ?? { absences: {}, from: {} };
}

/** On disk when it resolves; unchanged notes are not written again. */
export async function writeNotes(
  files: Pick<StateFiles, "write">,
  before: SweepNotes,
  { absences, from }: SweepNotes,
): Promise<void> {
  if (canonical(before) === canonical({ absences, from })) return;
  await sweepFile.write(files, { absences, from });
}
