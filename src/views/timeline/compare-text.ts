import { formatDuration } from "../../domain/text/units.ts";
import { compared, type Compared } from "./compare.ts";
import { padded, wrapped, type Paper } from "./paper.ts";
import { shortName } from "./rows.ts";
import type { Timeline } from "./timeline.ts";
import { byline, headline, summaryOf } from "./words.ts";

const cellColumns = 12;

/** Parts that are shorter in both runs are folded into one line of their stage. */
const shortMs = 50;

/** Two runs side by side: a line for each stage and command, with both durations and the difference. */
export function compareText(before: Timeline, after: Timeline, paper: Paper): string {
  const labelColumns = Math.max(12, Math.min(34, paper.columns - 3 * cellColumns));
  const line = (label: string, one: string, other: string, difference: string): string =>
    padded(paper.fit(label, labelColumns), labelColumns, paper) +
    [one, other, difference].map((cell) => cell.padStart(cellColumns)).join("");
  const rows = folded(compared(before, after)).map((row) => {
    const [one, other] = [row.before, row.after].map((ms) => (ms === undefined ? "-" : formatDuration(ms)));
    const label = row.work === undefined ? row.stage : `  ${shortName(row.work)}`;
    const text = line(label, one ?? "", other ?? "", differenceOf(row));
    return row.work === undefined ? paper.strong(text) : text;
  });
  const whole = { before: before.durationMs, after: after.durationMs };
  return [
    ...[before, after].flatMap((timeline) => [
      paper.strong(paper.fit(headline(timeline), paper.columns)),
      paper.fit(byline(timeline), paper.columns),
      ...wrapped(summaryOf(timeline), paper),
      "",
    ]),
    paper.dim(line("", before.run, after.run, "difference")),
    ...rows,
    paper.strong(line("whole run", formatDuration(whole.before), formatDuration(whole.after), differenceOf(whole))),
    "",
  ].join("\n");
}

function differenceOf({ before, after }: Pick<Compared, "before" | "after">): string {
  if (before === undefined) return "new";
  if (after === undefined) return "gone";
  const difference = after - before;
  if (difference === 0) return "same";
  return `${difference < 0 ? "-" : "+"}${formatDuration(Math.abs(difference))}`;
}

function folded(rows: readonly Compared[]): readonly Compared[] {
  return rows.filter(({ work, before = 0, after = 0 }) => work === undefined || Math.max(before, after) >= shortMs);
}
