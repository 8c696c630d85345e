import { z } from "zod";
import { knownWord } from "../../lib/known-word.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import { writeMarks } from "../state/ref-marks.ts";

const schema = z.object({
  commit: z.string(),
  ref: z.string(),
  // A kind of ref that only a newer binary knows has no mark here, as a commit has none.
  refKind: z.string().transform(knownWord(["branch", "tag", "commit"], "commit")),
  role: z.string(),
  environment: z.string(),
  at: z.string(),
  // Absent in what an older binary wrote.
  subject: z.string().exactOptional(),
  author: z.string().exactOptional(),
  committedAt: z.string().exactOptional(),
  /** The commit that was applied before this one. */
  former: z.string().exactOptional(),
});

/** The commit that was converged last: applied, not only fetched. */
export type Applied = z.infer<typeof schema>;

export const appliedFile = stateFile("applied.json", schema);

/**
 * The last applied configuration; undefined if there is none, or the file cannot be read (it is a cache of the
 * journal).
 */
export async function readApplied(files: StateFiles): Promise<Applied | undefined> {
  return appliedFile.read(files);
}

function isSameRef(one: Applied, other: Applied): boolean {
  return one.ref === other.ref && one.refKind === other.refKind;
}

/** Records the applied commit, and the mark that its branch or tag may not go back behind. */
export async function writeApplied(files: StateFiles, applied: Applied): Promise<void> {
  const before = await readApplied(files);
  await writeMarks(files, before, applied);
  if (before?.commit === applied.commit && before.role === applied.role && isSameRef(before, applied)) return;
  const former = before?.commit === applied.commit ? before.former : before?.commit;
  await appliedFile.write(files, { ...applied, ...(former === undefined ? {} : { former }) });
}
