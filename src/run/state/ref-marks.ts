import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { RefKind } from "../../domain/role/ref-kind.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import type { RefMark } from "../../stages/config/result.ts";

/** Loose, and of any kind: a mark that only a newer binary understands is written again as it was. */
const mark = z.looseObject({ kind: z.string(), ref: z.string(), commit: z.string(), at: z.string() });

type AnyMark = Readonly<z.infer<typeof mark>>;

export const refMarksFile = stateFile("ref-marks.json", z.object({ marks: z.array(mark).readonly() }));

/** The applied configuration: a commit, and the name that led to it. */
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
 * The newest commit of each branch and tag that was applied here: none of them may go back behind it, also after a
 * trial of another one. The last applied commit counts too, because an older muster recorded only that.
 */
export async function readMarks(files: StateFiles, applied: AppliedRef | undefined): Promise<readonly DatedMark[]> {
  return (await allMarks(files, applied)).filter(isKnown);
}

/**
 * The valid marks of a file in which some are malformed: one malformed mark does not remove the others.
 * @returns undefined if none is valid
 */
export function readableMarks(value: unknown): { readonly marks: readonly AnyMark[] } | undefined {
  const { data } = z.object({ marks: z.array(z.unknown()) }).safeParse(value);
  const marks = data?.marks.flatMap((each) => mark.safeParse(each).data ?? []) ?? [];
  return marks.length === 0 ? undefined : { marks };
}

/** Called before `applied` replaces `before`, whose mark may not be recorded elsewhere. */
export async function writeMarks(
  files: StateFiles,
  before: AppliedRef | undefined,
  applied: AppliedRef,
): Promise<void> {
  const known = await refMarksFile.read(files);
  const marks = (await allMarks(files, before, applied)).toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, mostMarks);
  if (!isDeepStrictEqual(marks, known?.marks)) await refMarksFile.write(files, { marks });
}

async function allMarks(
  files: StateFiles,
  ...applied: readonly (AppliedRef | undefined)[]
): Promise<readonly AnyMark[]> {
  const marks: readonly AnyMark[] = (await refMarksFile.read(files))?.marks ?? [];
  return applied.reduce((all, one) => (one === undefined ? all : withApplied(all, one)), marks);
}

function isKnown(one: AnyMark): one is AnyMark & DatedMark {
  return one.kind === "branch" || one.kind === "tag";
}

/** An older muster may have gone on since the marks were written: the newer of two counts. */
function withApplied(marks: readonly AnyMark[], applied: AppliedRef): readonly AnyMark[] {
  const { refKind: kind, ref, commit, at } = applied;
  if (kind === "commit") return marks;
  const isSame = (mark: AnyMark): boolean => mark.kind === kind && mark.ref === ref;
  const known = marks.find(isSame);
  if (known !== undefined && (known.commit === commit || known.at > at)) return marks;
  return [...marks.filter((mark) => !isSame(mark)), { kind, ref, commit, at }];
}
