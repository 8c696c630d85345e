import type { CommandEnd, RunEvent } from "../../domain/run/events.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { UnitCommand } from "../../views/printed.ts";
import { describeEvent, type Described } from "../../views/story.ts";
import type { CommandIo } from "../command.ts";
import { plain, styleFor, wrap, type Style } from "./style.ts";
import { jsonText } from "./text.ts";

/** The output for the story of a run: for a person or a program. */
export type StoryPrinter = {
  event(event: RunEvent): void;
  /** One line of a command's output. */
  line(command: UnitCommand, text: string): void;
  /** A remark in place of hidden lines. */
  remark(text: string): void;
  /** The result of a command, after its lines. */
  ended(command: UnitCommand): void;
};

/** Events as recorded, one a line; output as the events of its time. */
export function jsonPrinter(io: Pick<CommandIo, "out" | "err">): StoryPrinter {
  function say(event: RunEvent): void {
    io.out(`${jsonText(event)}\n`);
  }
  return {
    event: say,
    line({ begin, end }, line) {
      const { at } = end ?? begin;
      say({ type: "stage-output", stage: begin.stage, line, at, ...(begin.run !== undefined && { run: begin.run }) });
    },
    remark: (text) => io.err(`muster: ${text}\n`),
    ended({ end }) {
      if (end !== undefined) say(end);
    },
  };
}

/** The column of the text, and that of output. */
const [textColumn, outputColumn] = [20, 10];

/**
 * Columns: time, stage, text; below, the output of commands.
 * @param full also successful commands and calls to the cloud
 */
export function textPrinter(io: CommandIo, full: boolean): StoryPrinter {
  const style = styleFor(io);
  let date = "";

  function row(at: string, { stage, priority, text }: Described): void {
    if (at.slice(0, 10) !== date) {
      date = at.slice(0, 10);
      io.out(`${style.strong(`${date} UTC`)}\n`);
    }
    const words = wrap(plain(text), io.columns, textColumn);
    const painted = priority <= 3 ? style.bad(words) : priority === 4 ? style.warn(words) : words;
    io.out(`${style.dim(at.slice(11, 19))}  ${(stage ?? "").padEnd(9)} ${painted}\n`);
  }

  return {
    event(event) {
      const told = describeHighlights(event, full);
      if (told !== undefined) row(event.at, told);
    },
    line: (_command, text) =>
      io.out(`${" ".repeat(outputColumn)}${style.dim("|")} ${painterOf(text, style)(plain(text))}\n`),
    remark: (text) => io.out(`${" ".repeat(outputColumn)}${style.dim(`${style.marks.ellipsis} ${text}`)}\n`),
    ended({ begin, end }) {
      const told = { priority: 6, stage: begin.stage } as const;
      if (end === undefined) row(begin.at, { ...told, text: `${begin.command}: how it ended was not seen` });
      else row(end.at, { ...told, text: commandWords(end) });
    },
  };
}

/** The beginnings of error lines of apt, git and Puppet. */
function painterOf(line: string, style: Style): (text: string) => string {
  if (/^(?:Error|E|fatal|error): /.test(line)) return style.bad;
  return /^(?:Warning|W|warning): /.test(line) ? style.warn : (text) => text;
}

function describeHighlights(event: RunEvent, full: boolean): Described | undefined {
  switch (event.type) {
    case "command-finished":
      return full ? { priority: 6, stage: event.stage, text: commandWords(event) } : undefined;
    case "cloud-call": {
      const told = full || event.failure !== undefined ? describeEvent(event) : undefined;
      return told && event.stage !== undefined ? { ...told, stage: event.stage } : told;
    }
    default:
      return describeEvent(event);
  }
}

function commandWords(end: Extract<RunEvent, { type: "command-finished" }>): string {
  return `${end.command}: ${endWords(end)} (${formatDuration(end.durationMs)})`;
}

function endWords(end: CommandEnd): string {
  switch (end.ended) {
    case "exited":
      return `exit ${end.code}`;
    case "killed":
      return "killed by a signal";
    case "timed-out":
      return "stopped, it took too long";
    case "missing":
      return "could not be started";
    case "lost":
      return "ended without a trace";
    case "aborted":
      return "no longer waited for";
  }
}
