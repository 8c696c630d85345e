import type { EventListener, RunEvent, StageOutcome } from "../domain/events.ts";
import type { RunEnd, StageName } from "../domain/run.ts";
import { describeStart } from "../domain/start-type.ts";
import { formatDuration } from "../domain/units.ts";
import type { CommandIo } from "./command.ts";
import { fit, plain, styleFor, type Style } from "./style.ts";

/** A listener that shows a run to a person, and how to end showing. */
export type Progress = {
  readonly onEvent: EventListener;
  /** Takes the live lines away; nothing is drawn afterwards. */
  stop(): void;
};

/** Milliseconds between two drawings of what is running. */
const tickMs = 200;

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

type Running = { text: string; waiting: boolean; readonly since: number };

/**
 * Shows events as they come. Everywhere: one line for what finished. On a terminal, below them, a line for
 * each stage that is running, with what it does and since when; elsewhere a line when that changes.
 * @param verbose also the lines that external commands print
 */
export function showProgress(io: CommandIo, verbose: boolean): Progress {
  const style = styleFor(io.color);
  const running = new Map<StageName, Running>();
  let drawn = 0;
  let frame = 0;
  let stopped = false;

  function erase(): void {
    if (drawn > 0) io.out(`\u001b[${drawn}A\u001b[J`);
    drawn = 0;
  }

  function draw(): void {
    if (!io.isTty) return;
    erase();
    frame += 1;
    for (const [stage, { text, waiting, since }] of running) {
      const mark = style.dim(frames[frame % frames.length] ?? "");
      const elapsed = formatDuration(io.monotonicMs() - since);
      const words = fit(text, io.columns - 17 - elapsed.length);
      io.out(`  ${mark} ${stage.padEnd(9)} ${waiting ? style.warn(words) : words} ${style.dim(elapsed)}\n`);
      drawn += 1;
    }
  }

  function say(line: string): void {
    erase();
    io.out(`${line}\n`);
    draw();
  }

  const endTicks = io.isTty ? io.repeat(tickMs, draw) : undefined;
  return {
    onEvent(event) {
      if (stopped) return;
      if (event.type === "stage-started")
        running.set(event.stage, { text: "", waiting: false, since: io.monotonicMs() });
      if (event.type === "stage-finished") running.delete(event.stage);
      if (event.type === "run-finished") running.clear();
      if (event.type === "stage-progress") {
        const known = running.get(event.stage);
        if (known !== undefined) Object.assign(known, { text: event.text, waiting: event.waiting });
      }
      const line = lineFor(event, style, verbose, !io.isTty);
      if (line !== undefined) say(line);
    },
    stop() {
      stopped = true;
      endTicks?.();
      erase();
    },
  };
}

/** The permanent line of an event; undefined for what only moves the live lines. */
function lineFor(event: RunEvent, style: Style, verbose: boolean, everyStep: boolean): string | undefined {
  switch (event.type) {
    case "run-started": {
      const resumed = event.resumed ? ", taken up where it was interrupted" : "";
      return style.strong(`run ${event.run ?? ""} (${describeStart(event.cause, event.startType)}${resumed})`);
    }
    case "stage-started":
      return undefined;
    case "stage-progress":
      return everyStep && event.text !== "" ? `  · ${event.stage.padEnd(9)} ${plain(event.text)}` : undefined;
    case "stage-output":
      return verbose ? style.dim(`    ${event.stage.padEnd(9)}| ${plain(event.line)}`) : undefined;
    case "stage-finished": {
      const time = event.durationMs < 50 ? "" : style.dim(` ${formatDuration(event.durationMs)}`);
      return `  ${markOf(event.outcome, style)} ${event.stage.padEnd(9)} ${plain(event.summary)}${time}${hintOf(event)}`;
    }
    case "stage-planned":
      return plannedLines(event.stage, event.steps, style);
    case "notice":
      return `  ${event.level === "info" ? style.dim("i") : style.warn("!")} ${plain(event.text)}`;
    case "retry-scheduled":
      return `  ${style.dim("i")} trying again in ${formatDuration(event.inMs)}`;
    case "cloud-call":
      return verbose ? style.dim(`    ${event.operation} ${event.failure ?? "ok"}`) : undefined;
    case "command-started":
    case "command-finished":
    case "state-changed":
    case "run-facts":
    case "run-finished":
      return undefined;
  }
}

function markOf(outcome: StageOutcome, style: Style): string {
  switch (outcome) {
    case "changed":
      return style.good("✔");
    case "unchanged":
    case "replayed":
      return style.dim("✔");
    case "skipped":
      return style.dim("-");
    case "failed":
      return style.bad("✘");
  }
}

function hintOf(event: Extract<RunEvent, { type: "stage-finished" }>): string {
  return event.error === undefined || event.error.hint === "" ? "" : `\n              ${plain(event.error.hint)}`;
}

function plannedLines(
  stage: StageName,
  steps: readonly { text: string; details?: readonly string[] }[],
  style: Style,
): string {
  if (steps.length === 0) return `  ${style.dim("-")} ${stage.padEnd(9)} nothing to do`;
  return steps
    .flatMap(({ text, details }) => [
      `  ${style.warn("→")} ${stage.padEnd(9)} ${plain(text)}`,
      ...(details ?? []).map((detail) => style.dim(`              ${plain(detail)}`)),
    ])
    .join("\n");
}

/** The last line of a run: where it left the instance. */
export function describeEnd(end: RunEnd, style: Style): string {
  switch (end.kind) {
    case "in-service":
      return `${style.good("in service")}${end.changed ? "" : ", nothing had to be changed"}`;
    case "unconfirmed":
      return `${style.warn("in service")} as before: ${plain(end.note)}`;
    case "done":
      if (end.note !== undefined) return `${style.good("done")}: ${plain(end.note)}`;
      return `${style.good("done")}${end.changed ? "" : ", nothing had to be changed"}`;
    case "held":
      return `${style.bad("held")} (out of service) at ${end.stage}: ${plain(end.error.message)}\n  ${plain(end.error.hint)}\n  (${end.error.code})`;
    case "failed":
      return `${style.bad("failed")} at ${end.stage}: ${plain(end.error.message)}\n  ${plain(end.error.hint)}\n  (${end.error.code})`;
  }
}
