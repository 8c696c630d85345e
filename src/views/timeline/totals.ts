import type { CriticalPart, Totals } from "./timeline.ts";

export function totalsOf(path: readonly CriticalPart[]): Totals {
  const slowest = slowestOf(path);
  return {
    commandsMs: sumOf(path, "command"),
    callsMs: sumOf(path, "call"),
    waitsMs: sumOf(path, "wait"),
    awayMs: sumOf(path, "away"),
    ownMs: sumOf(path, "own"),
    ...(slowest === undefined ? {} : { slowest }),
  };
}

function sumOf(path: readonly CriticalPart[], kind: CriticalPart["kind"]): number {
  return path.reduce((sum, part) => (part.kind === kind ? sum + part.toMs - part.fromMs : sum), 0);
}

/** Commands and calls of one name in one stage count together, and so do a stage's waits. */
function slowestOf(path: readonly CriticalPart[]): Totals["slowest"] {
  const sums = new Map<string, NonNullable<Totals["slowest"]>>();
  for (const { kind, stage, name = "wait", fromMs, toMs } of path) {
    if (stage === undefined || kind === "own") continue;
    const key = JSON.stringify([stage, kind, name]);
    sums.set(key, { stage, name, ms: (sums.get(key)?.ms ?? 0) + toMs - fromMs });
  }
  return [...sums.values()].toSorted((one, other) => other.ms - one.ms)[0];
}
