import type { z } from "zod";
import { isInner } from "./problems.ts";
import type { Path } from "./tree.ts";

/** More faults than one role can have of a newer binary. */
const mostCuts = 1_000;

/**
 * What a schema of this binary understands of a value that a newer one may have written: an unknown key is passed over, an
 * unknown word gives way to the default, and a list goes without an entry of an unknown kind.
 * @returns undefined if what is left does not say what it has to
 */
export function salvage<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | undefined {
  let left = value;
  for (let cuts = 0; cuts < mostCuts; cuts += 1) {
    const parsed = schema.safeParse(left);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const path = issue === undefined ? [] : faultOf(issue, [], left);
    if (path.length === 0) return undefined;
    left = without(left, path);
  }
  return undefined;
}

/** The path of the smallest part that is at fault: of what is missing, the part that lacks it. */
function faultOf(issue: z.core.$ZodIssue, around: Path, value: unknown): Path {
  const path = [...around, ...issue.path];
  if (issue.code === "unrecognized_keys") return [...path, issue.keys[0] ?? ""];
  const meant = issue.code === "invalid_union" ? issue.errors.find((branch) => branch.every(isInner))?.[0] : undefined;
  if (meant !== undefined) return faultOf(meant, path, value);
  return present(value, path);
}

function present(value: unknown, path: Path): Path {
  return path.length === 0 || at(value, path) !== undefined ? path : present(value, path.slice(0, -1));
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inside, step) => entriesOf(inside).find(([key]) => key === String(step))?.[1], value);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function without(value: unknown, [step, ...rest]: Path): unknown {
  if (typeof value !== "object" || value === null) return value;
  const isFault = (key: string): boolean => key === String(step);
  const kept = entriesOf(value).flatMap(([key, member]): [string, unknown][] => {
    if (!isFault(key)) return [[key, member]];
    return rest.length === 0 ? [] : [[key, without(member, rest)]];
  });
  return Array.isArray(value) ? kept.map(([, member]) => member) : Object.fromEntries(kept);
}
