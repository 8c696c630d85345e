/** A number that goes up, and a random part: `0007-c32a`. */
const runId = /^\d{4,9}-[0-9a-f]{4}$/;

/** Those of the names that are ids of runs, oldest first. */
export function runsInOrder(names: readonly string[]): readonly string[] {
  return names.filter((name) => runId.test(name)).toSorted((one, other) => numberOf(one) - numberOf(other));
}

/** The number in a run's id, which is how people say it. */
export function numberOf(run: string): number {
  return Number.parseInt(run, 10);
}
