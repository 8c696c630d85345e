import { MusterError } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import type { Clock } from "../../ports/clock.ts";
import { lateMs } from "./lateness.ts";

/**
 * Takes an empty answer of DescribeTags for late, where the instance had tags: for `lateMs` since the first such answer in a
 * row. An answer with any tag counts at once, so the removal of one tag among others does.
 * @returns the check of one answer; it throws MusterError `tags-late` (transient)
 */
export function createVanishedTags(clock: Pick<Clock, "monotonicMs">): (tags: Tags, known: Tags | undefined) => void {
  let sinceMs: number | undefined;
  return (tags, known = {}) => {
    if (Object.keys(tags).length > 0 || Object.keys(known).length === 0) {
      sinceMs = undefined;
      return;
    }
    sinceMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - sinceMs >= lateMs) return;
    throw new MusterError({
      code: "tags-late",
      message: "EC2 shows no tag at all of this instance, which had some: the answer may be late",
      hint: `Those known last count until EC2 has shown none for ${lateMs / 60_000} minutes.`,
      transient: true,
    });
  };
}
