import type { z } from "zod";
import type { ErrorCode } from "../domain/errors/error-codes.ts";
import { InvalidFileError } from "../domain/settings/problem.ts";
import type { Problem } from "../domain/settings/problem.ts";
import { inOrder, problemsOf } from "./problems.ts";
import { merge, plain } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { parseYaml } from "./yaml.ts";
import type { TextFile } from "./yaml.ts";

/** The name of the document in errors. */
export type Kind = {
  readonly code: ErrorCode;
  /** As "The settings are". */
  readonly subject: string;
};

/** Rules over more than one value; they get the written values, valid or not. */
export type Rules = (tree: Tree) => readonly Problem[];

/**
 * Reads layers of YAML into one validated value.
 * @param files lowest layer first
 * @param checkedPart what of the document is validated and returned as the value; absent: all of it
 * @throws InvalidFileError with every problem of every file
 */
export function readDocument<Schema extends z.ZodType>(
  kind: Kind,
  files: readonly TextFile[],
  schema: Schema,
  rules: Rules = () => [],
  checkedPart: (tree: Tree) => Tree = (tree) => tree,
): { value: z.output<Schema>; tree: Tree } {
  const parsed = files.map(parseYaml);
  const problems = parsed.flatMap((layer) => layer.problems);
  const names = files.map(({ file }) => file);
  const tree = parsed.map((layer) => layer.tree).reduce(merge);
  // Missing values of an unreadable file are not reported.
  if (parsed.some((layer) => layer.broken))
    throw new InvalidFileError(kind.code, kind.subject, inOrder(problems, names));

  const part = checkedPart(tree);
  const checked = schema.safeParse(plain(part));
  if (!checked.success) problems.push(...problemsOf(checked.error.issues, part));
  problems.push(...rules(part));
  if (!checked.success || problems.length > 0) {
    throw new InvalidFileError(kind.code, kind.subject, inOrder(problems, names));
  }
  return { value: checked.data, tree };
}
