// The tables: what each took, the ratios, and the budgets of DESIGN.md beside what was measured.
import { ratios, type Spread, spread } from "../shared/statistics.ts";
import { type Budget, budgetTable, table, withSpread } from "../shared/table.ts";
import type { Boot } from "./measure.ts";

/** The rounds of each, in the same order: the first of one stood beside the first of the other. */
export type Rounds = Readonly<Record<"muster" | "script" | "cloud-init" | "floor", readonly Boot[]>>;

type Measure = Exclude<keyof Boot, "commands" | "gaps">;

const gapsShown = 8;

export function reportOf(rounds: Rounds): string {
  return [
    measures(rounds, {
      wall: ["wall s", 1],
      commanded: ["commands s", 1],
      balancer: ["balancer s", 1],
      own: ["own s", 2],
    }),
    measures(rounds, { cpu: ["CPU s", 1], ownCpu: ["own CPU s", 2], ownMemory: ["own MiB", 0] }),
    callTable(rounds),
    ratioTable(rounds),
    budgetTable(budgetsOf(rounds)),
    gapTable(rounds.muster),
  ].join("\n\n");
}

/** One row a contestant; of each measure its title and how many digits it deserves. */
function measures(rounds: Rounds, columns: Partial<Record<Measure, readonly [string, number]>>): string {
  const shown = Object.entries(columns) as [Measure, readonly [string, number]][];
  const head = ["median (least-most)", ...shown.map(([, [title]]) => title)];
  const rows = Object.entries(rounds).map(([name, boots]) => [
    name,
    ...shown.map(([measure, [, digits]]) => withSpread(spreadOf(boots, measure), digits)),
  ]);
  return table(head, rows);
}

function callTable(rounds: Rounds): string {
  const rows = Object.entries(rounds).map(([name, boots]) => [
    name,
    range(spreadOf(boots, "calls")),
    range(spreadOf(boots, "polls")),
  ]);
  return table(["AWS calls", "calls", "polls of target health"], rows);
}

function ratioTable({ muster, ...others }: Rounds): string {
  const rows = Object.entries(others).map(([name, boots]) => {
    const of = (measure: Measure): string => withSpread(ratios(valuesOf(muster, measure), valuesOf(boots, measure)), 2);
    const joins = boots.every(({ calls }) => calls > 0);
    return [`muster / ${name}`, of("wall"), joins ? of("own") : "", of("cpu"), joins ? of("ownCpu") : ""];
  });
  return table(["median (least-most)", "wall", "own", "CPU", "own CPU"], rows);
}

/** Where muster's own time goes. */
function gapTable(boots: readonly Boot[]): string {
  const names = new Set(boots.flatMap(({ gaps }) => [...gaps.keys()]));
  const spreads = [...names].map((name) => [name, spread(boots.map(({ gaps }) => gaps.get(name) ?? 0))] as const);
  const longest = spreads.toSorted(([, a], [, b]) => b.median - a.median).slice(0, gapsShown);
  const rows = longest.map(([name, seconds]) => [name, withSpread(seconds, 3)]);
  return table(["muster's own time, between", "s"], rows);
}

function budgetsOf({ muster, script }: Rounds): readonly Budget[] {
  const own = spreadOf(muster, "own");
  const share = spread(muster.map((boot) => (100 * boot.own) / boot.wall));
  const against = ratios(valuesOf(muster, "wall"), valuesOf(script, "wall"));
  const outside = ratios(valuesOf(muster, "own"), valuesOf(script, "own"));
  const calls = spreadOf(muster, "calls");
  return [
    { what: "own share of a boot run", limit: "2 %", measured: `${withSpread(share, 1)} %`, met: share.median <= 2 },
    { what: "own time", limit: "0.3 s", measured: `${withSpread(own, 2)} s`, met: own.median <= 0.3 },
    { what: "wall, of the script's", limit: "1", measured: withSpread(against, 2), met: against.median <= 1 },
    { what: "own time, of the script's", limit: "1/10", measured: withSpread(outside, 2), met: outside.median <= 0.1 },
    { what: "AWS calls besides polls", limit: "6", measured: range(calls), met: calls.max <= 6 },
  ];
}

function range({ min, max }: Spread): string {
  return min === max ? `${min}` : `${min}-${max}`;
}

function spreadOf(boots: readonly Boot[], measure: Measure): Spread {
  return spread(valuesOf(boots, measure));
}

function valuesOf(boots: readonly Boot[], measure: Measure): readonly number[] {
  return boots.map((boot) => boot[measure]);
}
