import { z } from "zod";
import type { StateFiles } from "../ports/state-files.ts";
import { stateIn } from "../lib/known-state.ts";
import { writeMarks } from "./ref-marks.ts";

const file = "applied.json";

export const appliedSchema = z.object({
  v: z.literal(1),
  commit: z.string(),
  ref: z.string(),
  refKind: z.enum(["branch", "tag", "commit"]),
  role: z.string(),
  environment: z.string(),
  at: z.string(),
});

/** The commit that was converged last: the one applied, not the one fetched. */
export type Applied = Omit<z.infer<typeof appliedSchema>, "v">;

/** What was applied last; undefined when nothing was, or the file cannot be read (it is a cache of the journal). */
export async function readApplied(files: StateFiles): Promise<Applied | undefined> {
  return stateIn(appliedSchema, await files.read(file));
}

function isSameRef(one: Applied, other: Applied): boolean {
  return one.ref === other.ref && one.refKind === other.refKind;
}

/** Writes down what was applied now, and that its branch or tag does not go back behind it. */
export async function writeApplied(files: StateFiles, applied: Applied): Promise<void> {
  const before = await readApplied(files);
  await writeMarks(files, before, applied);
  if (before?.commit === applied.commit && before.role === applied.role && isSameRef(before, applied)) return;
  await files.write(file, `${JSON.stringify({ v: 1, ...applied })}\n`);
}
