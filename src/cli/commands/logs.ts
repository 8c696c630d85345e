import type { Recording, Recordings } from "../../domain/run/recording.ts";
import type { StageName } from "../../domain/run/run.ts";
import { withPrinted } from "../../views/printed.ts";
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
      const whole = await deps.recordings.read(run);
      if (whole.events.length === 0) throw unrecorded(run);
      const { events } = await recordings.read(run);
      if (events.length === 0) io.err(`muster: run ${run} did not come to stage ${stage}\n`);
      for (const entry of withPrinted(events)) await printEntry(entry, printer, full, deps);
      sayUnreadable(whole, io);
      return 0;
    },
  };
}

function sayUnreadable({ run, unreadable }: Recording, io: CommandIo): void {
  if (unreadable === 0) return;
  io.err(`muster: ${unreadable} ${unreadable === 1 ? "event" : "events"} of run ${run} cannot be read: left out\n`);
}

/** As if no other stage had been recorded. */
function ofStage(stage: StageName, recordings: Recordings): Recordings {
  return {
    runs: () => recordings.runs(),
    async read(run) {
      const recording = await recordings.read(run);
      return { ...recording, events: recording.events.filter((event) => "stage" in event && event.stage === stage) };
    },
  };
}
