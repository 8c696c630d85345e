// Time that is spent once although several things ran at once.

/** Seconds since 1970. */
export interface Interval {
  readonly begin: number;
  readonly end: number;
}

/** Time in which nothing ran, and what ran before and after it, if anything did. */
export interface Gap<T> {
  readonly seconds: number;
  readonly after: T | undefined;
  readonly before: T | undefined;
}

/** The parts of `window` that no interval covers. */
export function gapsOf<T extends Interval>(intervals: readonly T[], window: Interval): readonly Gap<T>[] {
  const gaps: Gap<T>[] = [];
  let until = window.begin;
  let after: T | undefined;
  for (const interval of intervals.toSorted((a, b) => a.begin - b.begin)) {
    const to = Math.min(interval.begin, window.end);
    if (to > until) gaps.push({ seconds: to - until, after, before: interval });
    if (interval.end <= until) continue;
    until = interval.end;
    after = interval;
  }
  if (window.end > until) gaps.push({ seconds: window.end - until, after, before: undefined });
  return gaps;
}

/** How many seconds of `window` at least one of the intervals covers. */
export function covered(intervals: readonly Interval[], window: Interval): number {
  return window.end - window.begin - gapsOf(intervals, window).reduce((sum, { seconds }) => sum + seconds, 0);
}
