import { formatDuration } from "../../domain/text/units.ts";
import { rowsOf, type Bar, type BarKind, type Row } from "./rows.ts";
import { style } from "./svg-style.ts";
import { ticksOf } from "./ticks.ts";
import type { Span, Timeline } from "./timeline.ts";
import { byline, headline, summaryOf } from "./words.ts";
import { clipped, element, escaped } from "./xml.ts";

const [width, margin] = [1000, 24];
/** The columns of the durations and of the bars. */
const [durationsEnd, barsFrom, barsTo] = [292, 306, width - margin];
const rowHeights = { path: 34, stage: 28, away: 28, work: 20 } as const;
const barHeights = { path: 16, stage: 14, away: 10, work: 10 } as const;

const legend: readonly (readonly [BarKind, string])[] = [
  ["command", "external command"],
  ["call", "cloud call"],
  ["wait", "wait"],
  ["away", "no agent"],
  ["own", "muster itself"],
];

/**
 * The waterfall as one SVG file: self-contained, in the reader's light or dark scheme, with a tooltip for each bar.
 * Several runs stand one above the other on the same scale.
 */
export function timelineSvg(timelines: readonly Timeline[]): string {
  const scaleMs = Math.max(1, ...timelines.map(({ durationMs }) => durationMs));
  let height = margin;
  const panels = timelines.map((timeline) => {
    const panel = panelOf(timeline, scaleMs);
    const group = element("g", { transform: `translate(0 ${height})` }, panel.parts);
    height += panel.height + margin;
    return group;
  });
  const title = timelines.map(headline).join("; ");
  const desc = timelines.map((timeline) => `${byline(timeline)}. ${summaryOf(timeline)}.`).join(" ");
  const root = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "aria-labelledby": "muster-title muster-desc",
  };
  return `${element("svg", root, [
    element("title", { id: "muster-title" }, [escaped(title)]),
    element("desc", { id: "muster-desc" }, [escaped(desc)]),
    `<style>${style}</style>`,
    element("defs", {}, [hatch]),
    element("rect", { class: "page", width, height }),
    ...panels,
  ])}\n`;
}

const hatch = element(
  "pattern",
  { id: "muster-hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
  [element("rect", { class: "hatch", width: 3, height: 6 })],
);

function panelOf(timeline: Timeline, scaleMs: number): { readonly parts: readonly string[]; readonly height: number } {
  const rows = rowsOf(timeline);
  const top = 100;
  let y = top;
  const drawn = rows.map((row) => {
    const part = rowOf(row, y, scaleMs);
    y += rowHeights[row.level];
    return part;
  });
  const parts = [
    text("headline", margin, 16, headline(timeline), { width: width - 2 * margin, size: 21 }),
    text("quiet", margin, 38, byline(timeline), { width: width - 2 * margin, size: 13 }),
    legendOf(rows, 62),
    axisOf(scaleMs, top - 8, y),
    ...drawn,
    text("summary", margin, y + 24, summaryOf(timeline), { width: width - 2 * margin, size: 13 }),
  ];
  return { parts, height: y + 30 };
}

function legendOf(rows: readonly Row[], y: number): string {
  const kinds = new Set(rows.flatMap(({ bars }) => bars.map(({ kind }) => kind)));
  let x = margin;
  const entries = legend.filter(([kind]) => kinds.has(kind)).map(([kind, words]) => [`bar ${kind}`, words] as const);
  const parts = [...entries, ["critical", "critical path"] as const].flatMap(([name, words]) => {
    const at = x;
    x += 46 + words.length * 7;
    return [
      element("rect", { class: name, x: at, y: y - 9, width: 18, height: 10, rx: 2 }),
      text("quiet", at + 25, y, words, { width: 200, size: 13 }),
    ];
  });
  return element("g", {}, parts);
}

function axisOf(scaleMs: number, top: number, bottom: number): string {
  const parts = ticksOf(scaleMs, 10).flatMap(({ ms, text: words }) => {
    const x = placeOf(ms, scaleMs);
    const anchor = ms === 0 ? "start" : x > barsTo - 30 ? "end" : "middle";
    return [
      element("line", { class: "grid", x1: x, x2: x, y1: top + 4, y2: bottom }),
      text("tick", x, top, words, { width: 80, size: 12, anchor }),
    ];
  });
  return element("g", {}, parts);
}

function rowOf(row: Row, y: number, scaleMs: number): string {
  const { level, label, count, outcome, summary, bars } = row;
  const middle = y + rowHeights[level] / 2;
  const indent = level === "work" ? 14 : 0;
  const times = level === "work" && count > 1 ? ` ×${count}` : "";
  const name = `${outcome === "failed" ? "failed " : ""}${level}`;
  const words = bars.length === 0 && summary !== undefined;
  return element("g", {}, [
    text(name, margin + indent, middle + 4, `${label}${times}`, {
      width: 196 - indent,
      size: level === "work" ? 12 : 14,
    }),
    text(`${name} number`, durationsEnd, middle + 4, formatDuration(row.ms), { width: 90, size: 12, anchor: "end" }),
    ...bars.map((bar) => barOf(bar, level, middle, scaleMs)),
    ...joined(row.critical, scaleMs).map((span) => outline(span, level, middle, scaleMs)),
    ...(words ? [text("quiet", barsFrom + 6, middle + 4, summary, { width: barsTo - barsFrom - 6, size: 13 })] : []),
  ]);
}

function barOf(bar: Bar, level: Row["level"], middle: number, scaleMs: number): string {
  const height = barHeights[level];
  const told = `${bar.title}: ${formatDuration(bar.toMs - bar.fromMs)}, from ${formatDuration(bar.fromMs)}`;
  const box = { ...boxOf(bar, scaleMs), y: middle - height / 2, height, rx: 2 };
  return element("rect", { class: `bar ${bar.kind}`, ...box }, [element("title", {}, [escaped(told)])]);
}

/** Outlines that would touch become one. */
function joined(spans: readonly Span[], scaleMs: number): readonly Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    const apart = last === undefined ? Infinity : placeOf(span.fromMs, scaleMs) - placeOf(last.toMs, scaleMs);
    if (last === undefined || apart > 5) result.push(span);
    else result.splice(-1, 1, { fromMs: last.fromMs, toMs: span.toMs });
  }
  return result;
}

/** Around the bars of a row on the critical path. No tooltip: the bars have their own. */
function outline(span: Span, level: Row["level"], middle: number, scaleMs: number): string {
  const { x, width: length } = boxOf(span, scaleMs);
  const height = barHeights[level] + 4;
  return element("rect", { class: "critical", x: x - 1.5, y: middle - height / 2, width: length + 3, height, rx: 3 });
}

/** Even a short one is visible. */
function boxOf({ fromMs, toMs }: Span, scaleMs: number): { readonly x: number; readonly width: number } {
  const x = Math.min(placeOf(fromMs, scaleMs), barsTo - 1.5);
  return { x, width: rounded(Math.max(1.5, placeOf(toMs, scaleMs) - x)) };
}

function placeOf(ms: number, scaleMs: number): number {
  return rounded(barsFrom + (ms / scaleMs) * (barsTo - barsFrom));
}

function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

function text(
  name: string,
  x: number,
  y: number,
  words: string,
  fit: { readonly width: number; readonly size: number; readonly anchor?: string },
): string {
  const shown = clipped(words, fit.width, fit.size);
  const anchor = fit.anchor === undefined ? {} : { "text-anchor": fit.anchor };
  const full = shown === words ? [] : [element("title", {}, [escaped(words)])];
  return element("text", { class: name, x, y, ...anchor }, [escaped(shown), ...full]);
}
