import type { StageName } from "../../domain/run/run.ts";
import type { CriticalPart, Gap, Span, StageSpan, Timeline, Work } from "./timeline.ts";

export type BarKind = CriticalPart["kind"];

/** A stretch of one kind in a row; `title` describes it. */
export type Bar = Span & { readonly kind: BarKind; readonly title: string };

/** One line of the waterfall. */
export type Row = {
  readonly level: "path" | "stage" | "work" | "away";
  readonly label: string;
  /** How many parts it stands for. */
  readonly count: number;
  /** The sum of its parts: parallel work counts twice. */
  readonly ms: number;
  /** In order, without overlaps in the rows of a stage and of the path. */
  readonly bars: readonly Bar[];
  /** Where the critical path goes through it. */
  readonly critical: readonly Span[];
  /** Of a stage: how it ended. */
  readonly outcome?: StageSpan["outcome"];
  /** Of a stage: one plain sentence. */
  readonly summary?: string;
};

/** Commands below this share of the run, and shorter than `foldMs`, are folded into one row. */
const foldShare = 0.01;
const foldMs = 500;

/** The rows for people: one for the critical path, and for each stage one with its commands and calls below. */
export function rowsOf(timeline: Timeline): readonly Row[] {
  const short = Math.min(foldMs, timeline.durationMs * foldShare);
  const stages = Map.groupBy(timeline.stages, ({ stage }) => stage);
  const groups = [...stages].map(([stage, spans]) => ({
    fromMs: Math.min(...spans.map(({ fromMs }) => fromMs)),
    rows: stageRows(stage, spans, timeline.criticalPath, short),
  }));
  const gaps = timeline.gaps.map((gap) => ({ fromMs: gap.fromMs, rows: [gapRow(gap)] }));
  const ordered = [...groups, ...gaps].toSorted((one, other) => one.fromMs - other.fromMs);
  return [pathRow(timeline), ...ordered.flatMap(({ rows }) => rows)];
}

function pathRow({ criticalPath, durationMs }: Timeline): Row {
  const bars = criticalPath.map((part) => ({ ...spanOf(part), kind: part.kind, title: partWords(part) }));
  return { level: "path", label: "critical path", count: 1, ms: durationMs, bars, critical: [] };
}

function partWords({ kind, stage, name }: CriticalPart): string {
  if (kind === "away") return "no agent";
  if (kind === "own") return stage === undefined ? "muster, between stages" : `muster, in ${stage}`;
  return kind === "wait" ? `${stage} waits` : `${name}, in ${stage}`;
}

function gapRow(gap: Gap): Row {
  const label = gap.why === "agent" ? "agent away" : "machine down";
  const title =
    gap.why === "agent"
      ? "the agent ended and was started again; units that it had begun went on"
      : "the machine went down and booted; by the wall clock";
  const bar = { ...spanOf(gap), kind: "away", title } as const;
  return { level: "away", label, count: 1, ms: lengthOf(gap), bars: [bar], critical: [spanOf(gap)] };
}

function stageRows(
  stage: StageName,
  spans: readonly StageSpan[],
  path: readonly CriticalPart[],
  short: number,
): readonly Row[] {
  const last = spans.at(-1);
  const ownPath = path.filter((part) => part.stage === stage);
  const row: Row = {
    level: "stage",
    label: stage,
    count: spans.length,
    ms: sumOf(spans),
    bars: spans.flatMap(compositionOf),
    critical: merged(ownPath),
    ...(last === undefined ? {} : { outcome: last.outcome, summary: last.summary }),
  };
  if (row.ms < short) return [row];
  const byName = Map.groupBy(
    spans.flatMap(({ work }) => work),
    ({ kind, name }) => `${kind} ${name}`,
  );
  const groups = [...byName.values()].toSorted((one, other) => firstOf(one) - firstOf(other));
  const [folded, shown] = [groups.filter((work) => sumOf(work) < short), groups.filter((work) => sumOf(work) >= short)];
  // One row with a name takes no more space than one that says "1 more".
  if (folded.length === 1) return [row, ...groups.map((work) => workRow(work, ownPath))];
  const rest = folded.length === 0 ? [] : [foldedRow(folded.flat(), ownPath)];
  return [row, ...shown.map((work) => workRow(work, ownPath)), ...rest];
}

function workRow(work: readonly Work[], path: readonly CriticalPart[]): Row {
  return {
    level: "work",
    label: shortName(work[0]?.name ?? ""),
    count: work.length,
    ms: sumOf(work),
    bars: work.map((each) => ({ ...spanOf(each), kind: each.kind, title: `${each.name}: ${each.ended}` })),
    critical: merged(path.filter((part) => work.some((each) => isPartOf(part, each)))),
  };
}

/**
 * `DescribeTargetHealth` for `elasticloadbalancing:DescribeTargetHealth`: in little room the operation matters more.
 */
export function shortName(name: string): string {
  return name.replace(/^[a-z0-9]+:(?=[A-Z])/, "");
}

function foldedRow(work: readonly Work[], path: readonly CriticalPart[]): Row {
  return { ...workRow(work, path), label: `${work.length} more`, count: 1 };
}

function isPartOf(part: CriticalPart, work: Work): boolean {
  return part.kind === work.kind && part.name === work.name && part.fromMs >= work.fromMs && part.toMs <= work.toMs;
}

/** A stage at each moment: a wait, work outside the agent, or muster itself. */
function compositionOf(stage: StageSpan): readonly Bar[] {
  const covering = [...stage.waits, ...stage.work].filter(({ fromMs, toMs }) => toMs > fromMs);
  const edges = [stage.fromMs, stage.toMs, ...covering.flatMap(({ fromMs, toMs }) => [fromMs, toMs])]
    .filter((ms) => ms >= stage.fromMs && ms <= stage.toMs)
    .toSorted((one, other) => one - other);
  const bars: Bar[] = [];
  for (const [index, toMs] of edges.entries()) {
    const fromMs = edges[index - 1] ?? toMs;
    if (toMs <= fromMs) continue;
    const bar = { fromMs, toMs, ...atMoment(stage, fromMs, toMs) };
    const last = bars.at(-1);
    if (last?.kind === bar.kind && last.title === bar.title) bars.splice(-1, 1, { ...last, toMs });
    else bars.push(bar);
  }
  return bars;
}

function atMoment(stage: StageSpan, fromMs: number, toMs: number): Pick<Bar, "kind" | "title"> {
  const covers = (span: Span): boolean => span.fromMs <= fromMs && span.toMs >= toMs;
  const wait = stage.waits.find(covers);
  if (wait !== undefined) return { kind: "wait", title: `${stage.stage} waits: ${wait.text}` };
  const work = stage.work.find(covers);
  if (work !== undefined) return { kind: work.kind, title: `${stage.stage}: ${work.name}` };
  return { kind: "own", title: `${stage.stage}: muster itself` };
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const { fromMs, toMs } of spans) {
    const last = result.at(-1);
    if (last?.toMs === fromMs) result.splice(-1, 1, { fromMs: last.fromMs, toMs });
    else result.push({ fromMs, toMs });
  }
  return result;
}

function firstOf(spans: readonly Span[]): number {
  return spans.reduce((first, { fromMs }) => Math.min(first, fromMs), Infinity);
}

function sumOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + lengthOf(span), 0);
}

function lengthOf({ fromMs, toMs }: Span): number {
  return toMs - fromMs;
}

function spanOf({ fromMs, toMs }: Span): Span {
  return { fromMs, toMs };
}
