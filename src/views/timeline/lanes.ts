import type { Span } from "./timeline.ts";

/** Numbers spans so that those of one number do not overlap; each gets the lowest that is free where it begins. */
export function inLanes<T extends Span>(spans: readonly T[]): readonly (T & { readonly lane: number })[] {
  const ends: number[] = [];
  return spans
    .toSorted((one, other) => one.fromMs - other.fromMs || other.toMs - one.toMs)
    .map((span) => {
      const free = ends.findIndex((end) => end <= span.fromMs);
      const lane = free === -1 ? ends.length : free;
      ends[lane] = span.toMs;
      return { ...span, lane };
    });
}
