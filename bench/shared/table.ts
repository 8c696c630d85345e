// How benches print: a table that is Markdown, and reads well in a terminal too.
import type { Spread } from "./statistics.ts";

/** The first column is text, the others are figures and stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => (row[column] ?? "").length)));
  const padded = (row: readonly string[]): string[] =>
    widths.map((width, column) => {
      const text = row[column] ?? "";
      return column === 0 ? text.padEnd(width) : text.padStart(width);
    });
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(padded(head)), line(rule), ...rows.map((row) => line(padded(row)))].join("\n");
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** `12.3 (11.9-14.0)`: the median, and between what it lay. */
export function withSpread({ min, median, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

/** A limit that was set beforehand, and what was measured against it. */
export type Budget = {
  readonly what: string;
  readonly limit: string;
  readonly measured: string;
  readonly met: boolean;
};

export function budgetTable(budgets: readonly Budget[]): string {
  const rows = budgets.map(({ what, limit, measured, met }) => [what, limit, measured, met ? "met" : "NOT MET"]);
  return table(["budget", "limit", "measured", ""], rows);
}
