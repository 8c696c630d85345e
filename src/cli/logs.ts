import type { Recordings } from "../domain/recording.ts";
import { withPrinted, type LogPart } from "../views/printed.ts";
import type { Command, CommandIo } from "./command.ts";
import { followStory } from "./follow-story.ts";
import { stageOf } from "./run.ts";
import { jsonTeller, textTeller, type Teller } from "./story-teller.ts";
import { tellEntry } from "./tell-entry.ts";
import { waysToNameARun, whichRun } from "./which-run.ts";

export type LogsDeps = {
  readonly recordings: Recordings;
  /** Reads what a unit printed; `read` says whether it is still there. */
  openPrinted(part: LogPart, onLine: (line: string) => void): { read(): Promise<boolean>; end(): void };
  /** How long a recording is by now, in bytes: followed, it is read again when that has changed. */
  recordedBytes(run: string): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts when nobody reads standard output any more. */
  readonly unread: AbortSignal;
};

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
      const { stage } = options;
      const recordings = typeof stage === "string" ? ofStage(stageOf(stage), deps.recordings) : deps.recordings;
      // Who reads JSON can leave out by himself.
      const full = options["full"] === true || options["json"] === true;
      const teller = options["json"] === true ? jsonTeller(io) : textTeller(io, full);
      if (options["follow"] === true) return followStory({ ...deps, recordings }, asked, teller, full, io.signal);
      await tellRun(whichRun(await recordings.runs(), asked), teller, full, { ...deps, recordings }, io);
      return 0;
    },
  };
}

async function tellRun(run: string, teller: Teller, full: boolean, deps: LogsDeps, io: CommandIo): Promise<void> {
  const { events, unreadable } = await deps.recordings.read(run);
  for (const entry of withPrinted(events)) await tellEntry(entry, teller, full, deps);
  if (unreadable > 0) {
    io.err(`muster: ${unreadable} ${unreadable === 1 ? "event" : "events"} of run ${run} cannot be read: left out\n`);
  }
}

/** As if nothing else had been recorded. */
function ofStage(stage: string, recordings: Recordings): Recordings {
  return {
    runs: () => recordings.runs(),
    async read(run) {
      const recording = await recordings.read(run);
      return { ...recording, events: recording.events.filter((event) => "stage" in event && event.stage === stage) };
    },
  };
}
