import { MusterError } from "../../domain/errors/errors.ts";
import type { Recordings } from "../../domain/run/recording.ts";
import { compareText } from "../../views/timeline/compare-text.ts";
import { timelineJson } from "../../views/timeline/json.ts";
import { timelineSvg } from "../../views/timeline/svg.ts";
import { timelineText } from "../../views/timeline/text.ts";
import { createTimeline } from "../../views/timeline/create-timeline.ts";
import type { Now, Timeline } from "../../views/timeline/timeline.ts";
import { timelineTrace } from "../../views/timeline/trace.ts";
import type { Command, CommandInput, CommandIo } from "../command.ts";
import { styleFor } from "../terminal/style.ts";
import { harmlessJson, widthOf } from "../terminal/text.ts";
import { unrecorded, waysToNameARun, whichRun } from "./which-run.ts";

export type TimelineDeps = {
  readonly recordings: Recordings;
  /** The present moment; undefined without an agent at work, when no run is under way. */
  now(): Promise<Now | undefined>;
  /** @throws MusterError `output-failed` */
  write(file: string, text: string): Promise<void>;
};

const formats = ["text", "svg", "json", "trace"] as const;

type Format = (typeof formats)[number];

/** `muster timeline`. */
export function timelineCommand(deps: TimelineDeps): Command {
  return {
    name: "timeline",
    summary: "where the time of a run went, or of two runs side by side",
    details: [
      `A run is named by ${waysToNameARun}. Without one: the last run, also while it is under way.`,
      "Formats: text, svg (for a browser), json, and trace (for ui.perfetto.dev and chrome://tracing).",
    ].join("\n\n"),
    arguments: [
      { name: "run", summary: "the run", optional: true },
      { name: "other", summary: "a second run to compare it with", optional: true },
    ],
    options: [
      { flags: "--format <format>", summary: `${formats.join(", ")}; text unless --output ends with .svg or .json` },
      { flags: "-o, --output <file>", summary: "write it there instead of to standard output" },
    ],
    async run(input, io) {
      const format = formatOf(input);
      const file = input.options["output"];
      const timelines = await timelinesOf(input.args, deps);
      const text = render(timelines, format, typeof file === "string" ? { ...io, color: false } : io);
      if (typeof file === "string") await deps.write(file, text);
      else io.out(text);
      return 0;
    },
  };
}

function formatOf({ options: { format, output } }: CommandInput): Format {
  if (format === undefined) {
    const ending = typeof output === "string" ? /\.(svg|json)$/.exec(output)?.[1] : undefined;
    return formats.find((one) => one === ending) ?? "text";
  }
  const found = formats.find((one) => one === format);
  if (found !== undefined) return found;
  throw new MusterError({
    code: "usage-unknown-format",
    message: `There is no format ${String(format)}`,
    hint: `The formats are ${formats.join(", ")}.`,
  });
}

async function timelinesOf(asked: readonly string[], deps: TimelineDeps): Promise<readonly Timeline[]> {
  const runs = await deps.recordings.runs();
  const chosen = asked.length === 0 ? [whichRun(runs)] : asked.map((one) => whichRun(runs, one));
  // Only the newest run can be under way.
  const now = chosen.includes(whichRun(runs)) ? await deps.now() : undefined;
  const timelines: Timeline[] = [];
  // One after the other: each recording is read while nothing of the other is in memory.
  for (const run of chosen) {
    const reader = deps.recordings.open(run);
    const maker = createTimeline(run);
    for await (const event of reader.events()) maker.add(event);
    const timeline = maker.result({ unreadable: reader.unreadable(), now: run === runs.at(-1) ? now : undefined });
    if (timeline === undefined) throw unrecorded(run);
    timelines.push(timeline);
  }
  return timelines;
}

function render(timelines: readonly Timeline[], format: Format, io: CommandIo): string {
  switch (format) {
    case "text":
      return text(timelines, io);
    case "svg":
      return timelineSvg(timelines);
    case "json":
      return harmlessJson(timelineJson(timelines));
    case "trace":
      return harmlessJson(timelineTrace(timelines));
  }
}

/** In a pipe or a file the width of a usual terminal: bars need a length. */
const pipeColumns = 80;

function text([one, other]: readonly Timeline[], io: CommandIo): string {
  const columns = Number.isFinite(io.columns) ? io.columns : pipeColumns;
  const paper = { ...styleFor(io), columns, unicode: io.unicode, widthOf };
  if (one === undefined) return "";
  return other === undefined ? timelineText(one, paper) : compareText(one, other, paper);
}
