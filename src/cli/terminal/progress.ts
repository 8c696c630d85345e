import type { EventListener } from "../../domain/run/events.ts";
import type { StageName } from "../../domain/run/run.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { CommandIo } from "../command.ts";
import { eventLine } from "./event-line.ts";
import { createLiveLine } from "./live-line.ts";
import { styleFor } from "./style.ts";

/** A listener that shows a run to a person, and a function that ends it. */
export type Progress = {
  readonly onEvent: EventListener;
  /** Removes the live line; nothing is drawn afterwards. */
  stop(): void;
};

/** Between two drawings of the running stages, in milliseconds. */
const tickMs = 200;

/** The longest live line: it breaks into few pieces if the window is made narrower. */
const mostColumns = 100;

/** Stages that run in parallel share the line; each gets at least this many columns, the others are counted. */
const leastPart = 24;

const between = "   ";

type Running = { text: string; waiting: boolean; readonly since: number };

/**
 * Shows events as they come: a line for each finished stage. On a terminal, a live line below shows the running stages,
 * their action and since when; elsewhere each change is a line.
 * @param verbose also the output of external commands
 */
export function showProgress(io: CommandIo, verbose: boolean): Progress {
  const style = styleFor(io);
  const running = new Map<StageName, Running>();
  const live = createLiveLine(io);
  let frame = 0;
  let stopped = false;
  let interrupted = false;

  /** @param above permanent text above the live line */
  function draw(above = ""): void {
    frame += 1;
    live.draw(above, interrupted || running.size === 0 ? undefined : liveLine());
  }

  /** The running stages, side by side. */
  function liveLine(): string {
    const { marks, dim } = style;
    // The last column stays free: some terminals wrap when it is filled.
    const columns = Math.min(io.columns - 1, mostColumns) - "  x ".length;
    const parts = Math.min(running.size, Math.max(1, Math.floor(columns / leastPart)));
    const left = running.size - parts;
    const more = left === 0 ? "" : ` +${left}`;
    const room = Math.floor((columns - more.length - (parts - 1) * between.length) / parts);
    const shown = [...running].slice(0, parts).map(([stage, known]) => part(stage, known, room));
    return `  ${dim(marks.spinner[frame % marks.spinner.length] ?? "")} ${shown.join(between)}${dim(more)}`;
  }

  function part(stage: StageName, { text, waiting, since }: Running, room: number): string {
    const name = running.size === 1 ? stage.padEnd(9) : stage;
    const ms = io.monotonicMs() - since;
    const elapsed = ms < 100 ? "" : formatDuration(ms);
    const words = style.fit(text, room - name.length - elapsed.length - 2);
    return [name, waiting ? style.warn(words) : words, style.dim(elapsed)].filter((each) => each !== "").join(" ");
  }

  function clear(): void {
    live.draw("", undefined);
  }

  /** A second Ctrl-C ends the process at once: the live line must be gone by then. */
  function interrupt(): void {
    interrupted = true;
    draw();
  }

  const ends = [io.repeat(tickMs, () => draw()), io.beforeSuspend(clear)];
  io.signal.addEventListener("abort", interrupt, { once: true });
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
      const line = eventLine(event, style, io, verbose);
      if (line !== undefined) draw(`${line}\n`);
      else if (event.type === "stage-started") draw();
    },
    stop() {
      stopped = true;
      for (const end of ends) end();
      io.signal.removeEventListener("abort", interrupt);
      clear();
    },
  };
}
