import type { RunEvent } from "../../domain/run/events.ts";
import type { RecordingReader, Recordings } from "../../domain/run/recording.ts";
import type { StageName } from "../../domain/run/run.ts";
import { createPrintedIndex, type PrintedIndex } from "../../views/printed.ts";
import type { Command, CommandIo } from "../command.ts";
import { followStory, type LogsDeps } from "../terminal/follow-story.ts";
import { stageOf } from "./run.ts";
import { jsonPrinter, textPrinter } from "../terminal/story-printer.ts";
import { printEntry } from "../terminal/print-entry.ts";
import { unrecorded, waysToNameARun, whichRun } from "./which-run.ts";

/** `muster logs`. */
export function logsCommand(deps: LogsDeps): Command {
  return {
    name: "logs",
    summary: "what happened in a run, with what its commands printed",
    details: `Of a command that went well only the last lines are shown. What happened between a run and the next one
stands at the end of the earlier one. Times are UTC.`,
    arguments: [{ name: "run", summary: `${waysToNameARun} (default: the last)`, optional: true }],
    options: [
      { flags: "-f, --follow", summary: "go on with what happens now, until Ctrl-C" },
      { flags: "--stage <stage>", summary: "only this stage" },
      { flags: "--full", summary: "every command, every call to the cloud, and all that was printed" },
      { flags: "--json", summary: "events as JSON lines; what was printed as stage-output" },
    ],
    async run({ args: [asked], options }, io) {
      const stage = typeof options["stage"] === "string" ? stageOf(options["stage"]) : undefined;
      // JSON readers can filter by themselves.
      const full = options["full"] === true || options["json"] === true;
      const printer = options["json"] === true ? jsonPrinter(io) : textPrinter(io, full);
      const recordings = stage === undefined ? deps.recordings : ofStage(stage, deps.recordings);
      if (options["follow"] === true) return followStory({ ...deps, recordings }, asked, printer, full, io.signal);
      const run = whichRun(await deps.recordings.runs(), asked);
      const { index, recorded, told, unreadable } = await notedIn(deps.recordings, run, stage);
      if (recorded === 0) throw unrecorded(run);
      if (told === 0) io.err(`muster: run ${run} did not come to stage ${stage}\n`);
      for await (const entry of entriesOf(recordings.open(run), index, told)) {
        if (deps.unread.aborted) return 0;
        await printEntry(entry, printer, full, deps);
      }
      sayUnreadable(run, unreadable, io);
      return 0;
    },
  };
}

/** Reads the recording for the first time: where the output of its commands stands, and how much there is. */
async function notedIn(recordings: Recordings, run: string, stage: StageName | undefined) {
  const index = createPrintedIndex();
  const reader = recordings.open(run);
  let [recorded, told] = [0, 0];
  for await (const event of reader.events()) {
    recorded += 1;
    if (stage !== undefined && !isOfStage(event, stage)) continue;
    told += 1;
    index.note(event);
  }
  return { index, recorded, told, unreadable: reader.unreadable() };
}

/** Reads it again, as far as it was noted: the run may be under way. */
async function* entriesOf(reader: RecordingReader, index: PrintedIndex, count: number) {
  let left = count;
  if (left === 0) return;
  for await (const event of reader.events()) {
    yield* index.told(event);
    left -= 1;
    if (left === 0) return;
  }
}

function sayUnreadable(run: string, unreadable: number, io: CommandIo): void {
  if (unreadable === 0) return;
  io.err(`muster: ${unreadable} ${unreadable === 1 ? "event" : "events"} of run ${run} cannot be read: left out\n`);
}

/** As if no other stage had been recorded. */
function ofStage(stage: StageName, recordings: Recordings): Recordings {
  return {
    runs: () => recordings.runs(),
    open(run, only) {
      const reader = recordings.open(run, only);
      return {
        async *events() {
          for await (const event of reader.events()) if (isOfStage(event, stage)) yield event;
        },
        unreadable: () => reader.unreadable(),
      };
    },
  };
}

function isOfStage(event: RunEvent, stage: StageName): boolean {
  return "stage" in event && event.stage === stage;
}
