/**
 * Does several pieces of work side by side until the first of them ends, well or not. The others are aborted then, and
 * waited for: nothing goes on behind the caller's back.
 * @param outer aborts all of them
 * @param works each must honour the signal that it is given
 * @returns what the first that ended returned
 * @throws what the first that ended threw; the outer signal's reason
 */
export async function firstOf<Result>(
  outer: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<Result>)[],
): Promise<Result> {
  const over = new AbortController();
  const signal = AbortSignal.any([outer, over.signal]);
  const begun = works.map((work) => work(signal));
  try {
    return await Promise.race(begun);
  } finally {
    over.abort(new Error("another piece of work ended first"));
    await Promise.allSettled(begun);
  }
}
