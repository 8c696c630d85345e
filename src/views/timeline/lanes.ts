import type { Span } from "./timeline.ts";

/** Puts spans into lanes without overlap; each gets the lowest lane that is free at its beginning. */
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
