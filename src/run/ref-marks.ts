import { z } from "zod";
import type { RefKind } from "../domain/ref-kind.ts";
import type { StateFiles } from "../ports/state-files.ts";
import type { RefMark } from "../stages/config/result.ts";
import { stateIn } from "../lib/known-state.ts";

const file = "ref-marks.json";

const mark = z.object({ kind: z.enum(["branch", "tag"]), ref: z.string(), commit: z.string(), at: z.string() });

export const refMarksSchema = z.object({ v: z.literal(1), marks: z.array(mark) });

/** What was applied: a commit, and the name that led to it. */
type AppliedRef = {
  readonly refKind: RefKind | "commit";
  readonly ref: string;
  readonly commit: string;
  readonly at: string;
};

type DatedMark = RefMark & { readonly at: string };

/** More branches and tags than an instance ever applies; the oldest marks go. */
const mostMarks = 1_000;

/**
 * The newest commit that was applied here of each branch and tag: none of them may go back behind it, also after a
 * trial of another one. What was applied last counts too, which is all that an older muster wrote down.
 */
export async function readMarks(files: StateFiles, applied: AppliedRef | undefined): Promise<readonly DatedMark[]> {
  const marks = stateIn(refMarksSchema, await files.read(file))?.marks ?? [];
  return applied === undefined ? marks : withApplied(marks, applied);
}

/**
 * What can still be read of a file in which some marks are malformed: a fault of one takes back none of the others.
 * @returns undefined where that is nothing
 */
export function readableMarks(value: unknown): string | undefined {
  const { data } = z.object({ marks: z.array(z.unknown()) }).safeParse(value);
  const marks = data?.marks.flatMap((each) => mark.safeParse(each).data ?? []) ?? [];
  return marks.length === 0 ? undefined : textOf(marks);
}

function textOf(marks: readonly DatedMark[]): string {
  return `${JSON.stringify({ v: 1, marks })}\n`;
}

/** To be called before `applied` takes the place of `before`, whose mark may be written down nowhere else. */
export async function writeMarks(
  files: StateFiles,
  before: AppliedRef | undefined,
  applied: AppliedRef,
): Promise<void> {
  const text = await files.read(file);
  const marks = withApplied(await readMarks(files, before), applied);
  const kept = marks.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, mostMarks);
  const next = textOf(kept);
  if (next !== text) await files.write(file, next);
}

/** An older muster may have gone on since the marks were written: the newer of two counts. */
function withApplied(marks: readonly DatedMark[], applied: AppliedRef): readonly DatedMark[] {
  const { refKind: kind, ref, commit, at } = applied;
  if (kind === "commit") return marks;
  const isSame = (mark: RefMark): boolean => mark.kind === kind && mark.ref === ref;
  const known = marks.find(isSame);
  if (known !== undefined && (known.commit === commit || known.at > at)) return marks;
  return [...marks.filter((mark) => !isSame(mark)), { kind, ref, commit, at }];
}
