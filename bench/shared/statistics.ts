// What benches say of repeated measurements: never one number alone.

/** The least, the middle and the most of what was measured. */
export type Spread = { readonly min: number; readonly median: number; readonly max: number };

/** @throws when there is nothing to take the spread of, or what is not a number: a bench without a sample is broken */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error("a spread of nothing");
  if (values.some(Number.isNaN)) throw new Error("a spread of what is not a number");
  const upper = sorted[Math.floor(sorted.length / 2)] ?? max;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? min;
  return { min, median: (lower + upper) / 2, max };
}

/**
 * How many times as much `ours` is as `theirs`, round by round: what stood beside each other met the same load.
 * @throws unless both have as many values
 */
export function ratios(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new Error("ratios of unequal numbers of rounds");
  return spread(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));
}
