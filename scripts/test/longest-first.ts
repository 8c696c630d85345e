import { relative, resolve } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import durations from "./durations.json" with { type: "json" };

const repository = resolve(import.meta.dirname, "../..");
const secondsOf = new Map(Object.entries(durations));

/**
 * Starts the files that take longest first, so that no worker is left with a long one at the end. A fresh clone has
 * no cache of vitest's to say which those are: `durations.json` does, and `npm run test:durations` writes it anew.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the method of that name, which returns a new list
    return longestFirst(await super.sort(files));
  }
}

/** @returns the files in the order of the table; those that it does not know keep theirs, at the end */
export function longestFirst<File extends { readonly moduleId: string }>(files: readonly File[]): File[] {
  const seconds = ({ moduleId }: File): number => secondsOf.get(relative(repository, moduleId)) ?? 0;
  return files.toSorted((a, b) => seconds(b) - seconds(a));
}
