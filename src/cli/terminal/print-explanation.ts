import type { Explanation } from "../../views/explain/explain.ts";
import type { ExplainedValue } from "../../views/explain/values.ts";
import type { CommandIo } from "../command.ts";
import { plain, styleFor, wrap, type Style } from "./style.ts";
import { widthOf } from "./text.ts";

/** How much of a long verdict stands above the advice: the rest follows below it. */
const verdictLines = 3;

/** Columns of the names before rows. */
const nameColumns = 9;

/** One screen, if there is little to say. @param all also values that do not matter for the situation */
export function printExplanation(explanation: Explanation, all: boolean, io: CommandIo): string {
  const style = styleFor(io);
  const { columns } = io;
  const verdict = verdictOf(explanation, style, columns);
  const rows = [...(verdict.rest === undefined ? [] : [verdict.rest]), ...explanation.rows];
  const parts = [
    [...verdict.lines, ...todoLines(explanation, style, columns)],
    rows.flatMap(({ name, lines }) =>
      lines.map((line, at) => {
        const head = at === 0 ? style.dim(name.padEnd(nameColumns)) : " ".repeat(nameColumns);
        return `${head} ${wrap(plain(line), columns, nameColumns + 1)}`;
      }),
    ),
    valueLines(explanation, all, style, columns),
    [
      ...explanation.refused.map(({ key, why }) => noteLine(`refused: tag ${key}: ${why}`, style, columns)),
      ...explanation.notices.map(({ text, code }) => noteLine(`${text} (${code})`, style, columns)),
      ...explanation.unread.map((text) => noteLine(`not looked at: ${text}`, style, columns)),
    ],
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

type Row = Explanation["rows"][number];

/** The verdict; the part that is too long for the first lines becomes a row of its own. */
function verdictOf(explanation: Explanation, style: Style, columns: number): { lines: readonly string[]; rest?: Row } {
  const { good, warn, bad, marks } = style;
  const paint = { good, warn, bad }[explanation.standing];
  const mark = { good: marks.done, warn: marks.warning, bad: marks.failed }[explanation.standing];
  const verdict = plain(explanation.verdict);
  const shown = cutToLines(verdict, columns, style);
  const lines = [`${paint(mark)} ${style.strong(wrap(shown, columns, 2))}`];
  const isWhole = shown === verdict || explanation.rows.some(({ name }) => name === "why" || name === "checks");
  return isWhole ? { lines } : { lines, rest: { name: "why", lines: [verdict] } };
}

/** Lines break at words, so the length that fits is found by trial. */
function cutToLines(text: string, columns: number, style: Style): string {
  let shown = text;
  for (let room = verdictLines * (columns - 2); wrap(shown, columns, 2).split("\n").length > verdictLines; room -= 4) {
    shown = style.fit(text, room);
  }
  return shown;
}

function todoLines({ todo, code }: Explanation, style: Style, columns: number): readonly string[] {
  const lines = todo.map((each) => `${style.marks.planned} ${wrap(plain(each), columns, 2)}`);
  if (code === undefined) return lines;
  return [...lines, style.dim(`  (${plain(code)}: muster explain ${plain(code)} says more)`)];
}

/** As a table: name, value, origin. If it does not fit, the value is cut first. */
function valueLines({ values }: Explanation, all: boolean, style: Style, columns: number): readonly string[] {
  const shown = all ? values : values.filter(({ relevant }) => relevant);
  const left = values.length - shown.length;
  const more = left === 0 ? [] : [style.dim(`${left} more ${left === 1 ? "value" : "values"}: muster explain --all`)];
  if (shown.length === 0) return more;
  const widest = (of: (value: ExplainedValue) => string): number =>
    Math.max(...shown.map((value) => widthOf(plain(of(value)))));
  const fromWidth = Math.min(
    widest(({ from }) => from),
    Math.floor(columns * 0.45),
  );
  const nameWidth = Math.min(
    widest(({ name }) => name),
    Math.floor(columns * 0.35),
  );
  const valueWidth = Math.min(
    widest(({ value }) => value),
    Math.max(8, columns - nameWidth - fromWidth - 4),
  );
  const rows = shown.map(
    ({ name, value, from }) =>
      `${padded(style.fit(name, nameWidth), nameWidth)}  ${padded(style.fit(value, valueWidth), valueWidth)}  ${style.dim(fitEnd(from, fromWidth, style))}`,
  );
  const header = `${"value".padEnd(nameWidth)}  ${"is".padEnd(valueWidth)}  from`;
  return [style.dim(header), ...rows, ...more];
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** The end of a position says most: line and column. */
function fitEnd(text: string, width: number, style: Style): string {
  const clean = plain(text);
  if (widthOf(clean) <= width) return clean;
  const { ellipsis } = style.marks;
  return ellipsis + clean.slice(-Math.max(1, width - ellipsis.length));
}

function noteLine(text: string, style: Style, columns: number): string {
  return `${style.warn(style.marks.warning)} ${wrap(plain(text), columns, 2)}`;
}
