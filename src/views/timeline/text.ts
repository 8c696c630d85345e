import { formatDuration } from "../../domain/text/units.ts";
import { padded, wrapped, type Paper } from "./paper.ts";
import { rowsOf, type Bar, type BarKind, type Row } from "./rows.ts";
import { ticksOf } from "./ticks.ts";
import type { Span, Timeline } from "./timeline.ts";
import { byline, headline, summaryOf } from "./words.ts";

const signs: Readonly<Record<BarKind | "times", readonly [unicode: string, ascii: string]>> = {
  command: ["█", "#"],
  call: ["▓", "%"],
  wait: ["░", "."],
  away: ["┄", "~"],
  own: ["─", "-"],
  times: ["×", "x"],
};

const legend: readonly (readonly [BarKind, string])[] = [
  ["command", "command"],
  ["call", "cloud call"],
  ["wait", "wait"],
  ["away", "no agent"],
  ["own", "muster itself"],
];

/** The least width for bars; below it is a list. */
const leastBarColumns = 12;

/** The waterfall for a terminal, with a line end. */
export function timelineText(timeline: Timeline, paper: Paper): string {
  const rows = rowsOf(timeline);
  const labels = rows.map((row) => labelOf(row, paper));
  const widest = Math.max(...labels.map(paper.widthOf));
  const durations = rows.map(({ ms }) => formatDuration(ms));
  const durationColumns = Math.max(...durations.map((duration) => duration.length));
  const labelColumns = Math.min(widest, Math.max(12, Math.floor(paper.columns * 0.35)));
  const free = paper.columns - labelColumns - durationColumns - 4;
  const barColumns = free < leastBarColumns ? 0 : free;
  const scale = { columns: barColumns, durationMs: Math.max(1, timeline.durationMs) };
  const indent = " ".repeat(labelColumns + durationColumns + 4);
  const lines = rows.map((row, index) => {
    const label = padded(paper.fit(labels[index] ?? "", labelColumns), labelColumns, paper);
    const duration = (durations[index] ?? "").padStart(durationColumns);
    const mark = row.critical.length > 0 ? "*" : " ";
    const name = row.outcome === "failed" ? paper.bad(label) : row.level === "work" ? label : paper.strong(label);
    return `${name} ${duration} ${mark} ${barsOf(row, scale, paper)}`.trimEnd();
  });
  return [
    paper.strong(paper.fit(headline(timeline), paper.columns)),
    paper.fit(byline(timeline), paper.columns),
    "",
    ...(barColumns === 0 ? [] : [indent + axis(scale)]),
    ...lines,
    "",
    ...legendLines(rows, paper),
    ...wrapped(summaryOf(timeline), paper),
    "",
  ].join("\n");
}

function labelOf({ level, label, count }: Row, paper: Paper): string {
  const times = level === "work" && count > 1 ? ` ${sign("times", paper)}${count}` : "";
  return `${level === "work" ? "  " : ""}${paper.fit(label, Infinity)}${times}`;
}

type Scale = { readonly columns: number; readonly durationMs: number };

function axis({ columns, durationMs }: Scale): string {
  let line = "";
  for (const { ms, text } of ticksOf(durationMs, Math.max(2, Math.floor(columns / 8)))) {
    const column = Math.round((ms / durationMs) * columns);
    if (column >= line.length && column + text.length <= columns) line = line.padEnd(column) + text;
  }
  return line;
}

type Cell = { readonly kind: BarKind; readonly critical: boolean };

type Cells = (Cell | undefined)[];

function barsOf(row: Row, scale: Scale, paper: Paper): string {
  if (scale.columns === 0) return "";
  if (row.bars.length === 0) {
    return row.summary === undefined ? "" : paper.dim(paper.fit(row.summary, scale.columns));
  }
  const cells: Cells = Array.from({ length: scale.columns }, (_, column) => cellAt(row, column, scale));
  // A short part of outside work is always visible; a short part of muster's own only if there is any.
  const outside = row.bars.filter(({ kind }) => kind !== "own");
  for (const bar of outside) mark(cells, row, bar, scale);
  const longest = row.bars.toSorted((one, other) => lengthOf(other) - lengthOf(one))[0];
  if (longest !== undefined && cells.every((cell) => cell === undefined)) mark(cells, row, longest, scale);
  return painted(cells, row, paper);
}

function mark(cells: Cells, row: Row, bar: Bar, { columns, durationMs }: Scale): void {
  const middle = Math.floor(((bar.fromMs + bar.toMs) / 2 / durationMs) * columns);
  const critical = row.critical.some((span) => overlap(span, bar) > 0);
  cells[Math.min(columns - 1, middle)] ??= { kind: bar.kind, critical };
}

/** The kind that fills most of a cell, if it fills half of it. */
function cellAt(row: Row, column: number, { columns, durationMs }: Scale): Cell | undefined {
  const width = durationMs / columns;
  const cell = { fromMs: column * width, toMs: (column + 1) * width };
  const filled = new Map<BarKind, number>();
  for (const bar of row.bars) filled.set(bar.kind, (filled.get(bar.kind) ?? 0) + overlap(bar, cell));
  const [most] = [...filled].toSorted(([, one], [, other]) => other - one);
  const all = [...filled.values()].reduce((sum, ms) => sum + ms, 0);
  if (most === undefined || all < width / 2) return undefined;
  return { kind: most[0], critical: row.critical.some((span) => overlap(span, cell) > 0) };
}

function painted(cells: Cells, row: Row, paper: Paper): string {
  return cells.map((cell) => (cell === undefined ? " " : paint(cell, row, paper))).join("");
}

function paint({ kind, critical }: Cell, row: Row, paper: Paper): string {
  const text = sign(kind, paper);
  if (kind === "wait") return paper.warn(text);
  return critical || row.level === "path" ? paper.strong(text) : paper.dim(text);
}

function legendLines(rows: readonly Row[], paper: Paper): readonly string[] {
  const kinds = new Set(rows.flatMap(({ bars }) => bars.map(({ kind }) => kind)));
  const words = legend.filter(([kind]) => kinds.has(kind)).map(([kind, name]) => `${sign(kind, paper)} ${name}`);
  return wrapped([...words, "* on the critical path"].join("   "), paper).map((line) => paper.dim(line));
}

function sign(kind: keyof typeof signs, paper: Paper): string {
  return signs[kind][paper.unicode ? 0 : 1];
}

function overlap(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));
}

function lengthOf({ fromMs, toMs }: Bar): number {
  return toMs - fromMs;
}
