import { inLanes } from "./lanes.ts";
import type { Span, Timeline } from "./timeline.ts";
import { headline } from "./words.ts";

/** A complete event of the trace event format: times in microseconds. */
type TraceEvent =
  | {
      readonly ph: "X";
      readonly name: string;
      readonly cat: string;
      readonly pid: number;
      readonly tid: number;
      readonly ts: number;
      readonly dur: number;
      readonly args: Readonly<Record<string, string>>;
    }
  | {
      readonly ph: "M";
      readonly name: "process_name" | "thread_name" | "thread_sort_index";
      readonly pid: number;
      readonly tid: number;
      readonly args: Readonly<Record<string, string | number>>;
    };

/** A thread of the trace: spans that do not overlap. */
type Track = { readonly name: string; readonly spans: readonly Named[] };

type Named = Span & { readonly name: string; readonly args: Readonly<Record<string, string>> };

/**
 * The run in Chrome's trace event format, which Perfetto and chrome://tracing open. Each run is a process; stages,
 * what they had done outside, and their waits are threads of it, as many as are needed for nothing to overlap.
 */
export function timelineTrace(timelines: readonly Timeline[]): string {
  const traceEvents = timelines.flatMap((timeline, index) => eventsOf(timeline, index + 1));
  return `${JSON.stringify({ traceEvents, displayTimeUnit: "ms" })}\n`;
}

function eventsOf(timeline: Timeline, pid: number): readonly TraceEvent[] {
  const name: TraceEvent = { ph: "M", name: "process_name", pid, tid: 0, args: { name: headline(timeline) } };
  const threads = tracksOf(timeline).flatMap(({ name: track, spans }, index): readonly TraceEvent[] => {
    const tid = index + 1;
    return [
      { ph: "M", name: "thread_name", pid, tid, args: { name: track } },
      { ph: "M", name: "thread_sort_index", pid, tid, args: { sort_index: tid } },
      ...spans.map((span) => complete(span, track, pid, tid)),
    ];
  });
  return [name, ...threads];
}

function complete({ name, fromMs, toMs, args }: Named, cat: string, pid: number, tid: number): TraceEvent {
  return { ph: "X", name, cat, pid, tid, ts: fromMs * 1000, dur: (toMs - fromMs) * 1000, args };
}

function tracksOf({ criticalPath, stages, gaps }: Timeline): readonly Track[] {
  const path = criticalPath.map(({ kind, stage, name, fromMs, toMs }) => {
    const what = kind === "own" ? "muster" : kind === "away" ? "no agent" : (name ?? kind);
    return { fromMs, toMs, name: what, args: { kind, ...(stage === undefined ? {} : { stage }) } };
  });
  const worked = stages.map(({ stage, outcome, summary, fromMs, toMs }) => ({
    ...{ fromMs, toMs, name: stage },
    args: { outcome, summary },
  }));
  const work = stages.flatMap(({ stage, work }) =>
    work.map(({ kind, name, ended, fromMs, toMs }) => ({ fromMs, toMs, name, args: { stage, kind, ended } })),
  );
  const waits = stages.flatMap((each) =>
    each.waits.map(({ text, fromMs, toMs }) => ({ fromMs, toMs, name: text, args: { stage: each.stage } })),
  );
  const away = gaps.map(({ why, fromMs, toMs }) => ({ fromMs, toMs, name: "no agent", args: { why } }));
  return [
    { name: "critical path", spans: path },
    ...inTracks("stages", worked),
    ...inTracks("commands and calls", work),
    ...inTracks("waits", waits),
    ...inTracks("agent away", away),
  ];
}

function inTracks(name: string, spans: readonly Named[]): readonly Track[] {
  const lanes = Map.groupBy(inLanes(spans), ({ lane }) => lane);
  return [...lanes].map(([lane, each]) => ({ name: lane === 0 ? name : `${name} (${lane + 1})`, spans: each }));
}
