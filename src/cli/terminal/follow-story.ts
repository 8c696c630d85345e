import type { RunEvent } from "../../domain/run/events.ts";
import type { Recordings } from "../../domain/run/recording.ts";
import { partFrom, withPrinted, type LogPart, type UnitCommand } from "../../views/printed.ts";
import type { StoryPrinter } from "./story-printer.ts";
import { isChatter, printEntry, type OpenPrinted } from "./print-entry.ts";
import { whichRun } from "../commands/which-run.ts";

/** The inputs of `muster logs`. */
export type LogsDeps = {
  readonly recordings: Recordings;
  readonly openPrinted: OpenPrinted;
  /** The present length of a recording, in bytes: when following, it is read again after a change. */
  recordedBytes(run: string): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborts when standard output has no reader any more. */
  readonly unread: AbortSignal;
};

/** How often the files are checked, in milliseconds. */
const pollMs = 300;

/**
 * Prints a run and the events to come, one run after the other. It reads the files of the agent and does not ask the
 * agent: so no event is missing or repeated when the agent is restarted, or when a command works in its place.
 * @param asked the run to stay with; absent: the newest, and those to come
 * @returns when the output has no reader any more
 * @throws the signal's reason when it aborts
 */
export async function followStory(
  deps: LogsDeps,
  asked: string | undefined,
  printer: StoryPrinter,
  full: boolean,
  signal: AbortSignal,
): Promise<number> {
  const over = AbortSignal.any([signal, deps.unread]);
  const only = asked === undefined ? undefined : whichRun(await deps.recordings.runs(), asked);
  let following: Following | undefined;
  while (!deps.unread.aborted) {
    const newest = only ?? (await deps.recordings.runs()).at(-1);
    // If there is a newer run, this one is complete.
    await following?.print();
    if (newest !== undefined && newest !== following?.run) {
      following = followRun(newest, printer, full, deps);
      await following.print();
    }
    await deps.sleep(pollMs, over).catch(() => signal.throwIfAborted());
  }
  return 0;
}

type Following = {
  readonly run: string;
  /** Prints the events since the last call. */
  print(): Promise<void>;
};

function followRun(run: string, printer: StoryPrinter, full: boolean, deps: LogsDeps): Following {
  let bytes = 0;
  let told = 0;
  /** Commands that have not ended, by the file that they write to. */
  const open = new Map<string, { command: UnitCommand; readonly reader: ReturnType<OpenPrinted> }>();

  function sayLine(command: UnitCommand, line: string): void {
    if (full || !isChatter(line)) printer.line(command, line);
  }

  function listen(command: UnitCommand, part: LogPart): void {
    const known = open.get(part.file);
    // After a restart of the agent it is the same unit, and its lines so far were printed.
    if (known !== undefined) known.command = command;
    else open.set(part.file, { command, reader: deps.openPrinted(part, (line) => sayLine(command, line)) });
  }

  async function printPast(events: readonly RunEvent[]): Promise<void> {
    for (const entry of withPrinted(events)) {
      const isOpen = entry.type === "printed" && entry.end === undefined && entry.part.to === undefined;
      if (isOpen) listen(entry, entry.part);
      else await printEntry(entry, printer, full, deps);
    }
  }

  async function printNew(events: readonly RunEvent[]): Promise<void> {
    for (const event of events) {
      const ended = [...open].find(
        ([, { command }]) => event.type === "command-finished" && command.begin.id === event.id,
      );
      if (event.type === "command-started" && event.unit !== undefined) listen({ begin: event }, partFrom(event.unit));
      if (event.type !== "command-finished" || ended === undefined) {
        printer.event(event);
        continue;
      }
      const [file, { command, reader }] = ended;
      await reader.read();
      reader.end();
      open.delete(file);
      printer.ended({ ...command, end: event });
    }
  }

  return {
    run,
    async print() {
      const size = deps.recordedBytes(run);
      if (size !== bytes) {
        const { events } = await deps.recordings.read(run);
        await (bytes === 0 ? printPast(events) : printNew(events.slice(told)));
        bytes = size;
        told = events.length;
      }
      for (const { reader } of open.values()) await reader.read();
    },
  };
}
