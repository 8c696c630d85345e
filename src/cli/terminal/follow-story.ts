import type { RunEvent } from "../../domain/run/events.ts";
import type { Recordings } from "../../domain/run/recording.ts";
import { createPrintedIndex, partFrom, type LogPart, type Printed, type UnitCommand } from "../../views/printed.ts";
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
  const reader = deps.recordings.open(run);
  let bytes = 0;
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

  /** A pass over the recording as it is at the first look, so that the output of what has ended stands at its end. */
  async function printPast(): Promise<void> {
    const index = createPrintedIndex();
    let left = 0;
    for await (const event of deps.recordings.open(run).events()) {
      index.note(event);
      left += 1;
    }
    if (left === 0) return;
    // What is left of this pass is read on from there.
    for await (const event of reader.events()) {
      if (left > 0) for (const entry of index.told(event)) await printKnown(entry);
      else await printNext(event);
      left -= 1;
    }
  }

  async function printKnown(entry: RunEvent | Printed): Promise<void> {
    const isOpen = entry.type === "printed" && entry.end === undefined && entry.part.to === undefined;
    if (isOpen) listen(entry, entry.part);
    else await printEntry(entry, printer, full, deps);
  }

  async function printNext(event: RunEvent): Promise<void> {
    const ended = [...open].find(
      ([, { command }]) => event.type === "command-finished" && command.begin.id === event.id,
    );
    if (event.type === "command-started" && event.unit !== undefined) listen({ begin: event }, partFrom(event.unit));
    if (event.type !== "command-finished" || ended === undefined) return printer.event(event);
    const [file, { command, reader: output }] = ended;
    await output.read();
    output.end();
    open.delete(file);
    printer.ended({ ...command, end: event });
  }

  return {
    run,
    async print() {
      const size = deps.recordedBytes(run);
      if (size !== bytes) {
        if (bytes === 0) await printPast();
        else for await (const event of reader.events()) await printNext(event);
        bytes = size;
      }
      for (const { reader: output } of open.values()) await output.read();
    },
  };
}
