import type { RunEvent } from "../../domain/run/events.ts";
import type { StageName } from "../../domain/run/run.ts";
import { describeStart } from "../../domain/instance/start-type.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { CommandIo } from "../command.ts";
import { markOf, plain, wrap, type Style } from "./style.ts";

/** Where the text of a stage begins: after a mark and the stage's name. */
const textColumn = 14;

type Screen = Pick<CommandIo, "columns" | "canRedraw">;

/**
 * The permanent line of an event, wrapped to a terminal's width; undefined for an event that only changes the live
 * line.
 * @param verbose also the output of external commands
 */
export function eventLine(event: RunEvent, style: Style, screen: Screen, verbose: boolean): string | undefined {
  const { marks } = style;
  switch (event.type) {
    case "run-started": {
      const resumed = event.resumed ? ", taken up where it was interrupted" : "";
      const words = `run ${event.run ?? ""} (${describeStart(event.cause, event.startType)}${resumed})`;
      return style.strong(wrap(plain(words), screen.columns, 2));
    }
    case "stage-started":
      return undefined;
    case "stage-progress":
      // Without a live line, each step is a line.
      if (screen.canRedraw || event.text === "") return undefined;
      return stageLine(marks.step, event.stage, plain(event.text), screen);
    case "stage-output":
      return verbose
        ? style.dim(`    ${event.stage.padEnd(9)}| ${wrap(plain(event.line), screen.columns, textColumn + 1)}`)
        : undefined;
    case "stage-finished": {
      const time = event.durationMs < 50 ? "" : style.dim(` (${formatDuration(event.durationMs)})`);
      const words = `${plain(event.summary)}${time}`;
      return stageLine(markOf(event.outcome, style), event.stage, words, screen);
    }
    case "stage-planned":
      return plannedLines(event.stage, event.steps, style, screen);
    case "notice": {
      const mark = event.level === "info" ? style.dim(marks.info) : style.warn(marks.warning);
      return `  ${mark} ${wrap(plain(event.text), screen.columns, 4)}`;
    }
    case "retry-scheduled":
      return `  ${style.dim(marks.info)} trying again in ${formatDuration(event.inMs)}`;
    case "cloud-call":
      return verbose ? style.dim(`    ${plain(`${event.operation} ${event.failure ?? "ok"}`)}`) : undefined;
    case "pause-changed":
    case "health-changed":
    case "slot-changed":
    case "cordon-changed":
    case "drift-checked":
    case "maintenance-announced":
    case "control-asked":
    case "membership-pending":
    case "command-started":
    case "command-finished":
    case "state-changed":
    case "run-facts":
    case "run-finished":
      return undefined;
  }
}

function stageLine(mark: string, stage: StageName, text: string, { columns }: Screen): string {
  return `  ${mark} ${stage.padEnd(9)} ${wrap(text, columns, textColumn)}`;
}

function plannedLines(
  stage: StageName,
  steps: readonly { text: string; details?: readonly string[] }[],
  style: Style,
  screen: Screen,
): string {
  const { marks, warn, dim } = style;
  if (steps.length === 0) return stageLine(dim(marks.skipped), stage, "nothing to do", screen);
  return steps
    .flatMap(({ text, details }) => [
      stageLine(warn(marks.planned), stage, plain(text), screen),
      ...(details ?? []).map((detail) =>
        dim(`${" ".repeat(textColumn)}${wrap(plain(detail), screen.columns, textColumn)}`),
      ),
    ])
    .join("\n");
}
