import { describeStart } from "../../domain/instance/start-type.ts";
import { formatDuration } from "../../domain/text/units.ts";
import type { RunSummary } from "../../views/runs.ts";
import type { Command, CommandIo } from "../command.ts";
import { plain, styleFor, wrap, type Style } from "../terminal/style.ts";
import { jsonText, widthOf } from "../terminal/text.ts";

export type RunsDeps = {
  /** The runs on disk, oldest first. */
  list(): Promise<readonly RunSummary[]>;
};

/** `muster runs`. */
export function runsCommand(deps: RunsDeps): Command {
  return {
    name: "runs",
    summary: "the runs that are on record: when, why, how they ended, what they changed",
    details: "The newest stands last. Times are UTC. More of one: muster logs RUN, muster timeline RUN.",
    options: [{ flags: "--json", summary: "as JSON" }],
    async run({ options }, io) {
      const runs = await deps.list();
      if (options["json"] === true) io.out(`${jsonText(runs, 2)}\n`);
      else if (runs.length === 0) io.out("No run was made on this machine yet.\n");
      else for (const line of table(runs, io)) io.out(`${line}\n`);
      return 0;
    },
  };
}

/** The runs of each date, in columns as wide as their content; the last column wraps below itself. */
function table(runs: readonly RunSummary[], io: CommandIo): readonly string[] {
  const style = styleFor(io);
  const rows = runs.map((run) => ({ run, cells: cellsOf(run) }));
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map(({ cells }) => widthOf(cells[column] ?? ""))),
  );
  function line(cells: Cells): string {
    const begin = cells.slice(0, -1).map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `);
    return begin.join("") + wrap(cells[5], io.columns, widthOf(begin.join("")));
  }
  const lines = [style.dim(line(head))];
  let date = "";
  for (const { run, cells } of rows) {
    const of = run.startedAt?.slice(0, 10) ?? date;
    if (of !== date) lines.push(style.strong(`${of} UTC`));
    date = of;
    lines.push(painterOf(run, style)(line(cells)));
  }
  return lines;
}

type Cells = readonly [string, string, string, string, string, string];

const head: Cells = ["run", "started", "ended", "took", "commit", "why: changed"];

function cellsOf(run: RunSummary): Cells {
  const { startedAt, durationMs, commit } = run;
  return [
    plain(run.run),
    startedAt?.slice(11, 19) ?? "-",
    endWords(run),
    durationMs === undefined ? "-" : formatDuration(durationMs),
    plain(commit?.slice(0, 7) ?? "-"),
    plain(run.changed.length === 0 ? whyWords(run) : `${whyWords(run)}: ${run.changed.join(", ")}`),
  ];
}

/** A boot run is described by the start type, every other run by its cause. */
function whyWords({ cause, startType }: RunSummary): string {
  if (cause === undefined) return startType ?? "unknown";
  if (startType === undefined) return cause;
  return cause === "boot" ? startType : describeStart(cause, startType);
}

function endWords({ end, stage }: RunSummary): string {
  const words = end.replaceAll("-", " ");
  return stage === undefined ? words : `${words} at ${stage}`;
}

function painterOf({ end }: RunSummary, style: Style): (text: string) => string {
  if (end === "held" || end === "failed") return style.bad;
  return end === "interrupted" || end === "unreadable" ? style.warn : (text) => text;
}
