import xterm from "@xterm/headless";

/** A terminal as a person sees it: what is written to it is carried out. */
export type Screen = {
  /** Resolves when it was carried out. */
  write(text: string): Promise<void>;
  /** Lines that are there are wrapped anew, as in a window that is pulled smaller. */
  resize(columns: number, rows: number): void;
  /** All that can be seen, and scrolled back to; without what is blank at ends of lines and below. */
  text(): string;
  /** The cursor's place from the top of all that can be scrolled back to. */
  cursor(): { readonly column: number; readonly line: number };
  /** What stands in lines that go on from the line above, because that was too wide. */
  wrapped(): readonly string[];
  /** The same as `text`, with a name around what has a colour or weight: `<green>✔</green>`. */
  painted(): string;
};

/** @param convertEol a line end also returns to the first column, which otherwise the line discipline of a terminal does */
export function createScreen(columns: number, rows: number, convertEol = false): Screen {
  const terminal = new xterm.Terminal({ cols: columns, rows, convertEol, scrollback: 10_000, allowProposedApi: true });

  function lines(show: (line: number) => string): string {
    const { length } = terminal.buffer.active;
    return Array.from({ length }, (_, line) => show(line))
      .join("\n")
      .trimEnd();
  }

  function textAt(line: number): string {
    return terminal.buffer.active.getLine(line)?.translateToString(true).trimEnd() ?? "";
  }

  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    resize: (toColumns, toRows) => terminal.resize(toColumns, toRows),
    text: () => lines(textAt),
    cursor: () => ({
      column: terminal.buffer.active.cursorX,
      line: terminal.buffer.active.baseY + terminal.buffer.active.cursorY,
    }),
    wrapped: () => {
      const { active } = terminal.buffer;
      const all = Array.from({ length: active.length }, (_, line) => line);
      return all.filter((line) => active.getLine(line)?.isWrapped === true).map(textAt);
    },
    painted: () => lines((line) => paintedLine(terminal, line)),
  };
}

function paintedLine(terminal: xterm.Terminal, index: number): string {
  const line = terminal.buffer.active.getLine(index);
  let text = "";
  let paint = "";
  for (let column = 0; column < (line?.length ?? 0); column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const next = cell.getChars() === "" ? "" : paintOf(cell);
    if (next !== paint) text += (paint === "" ? "" : `</${paint}>`) + (next === "" ? "" : `<${next}>`);
    paint = next;
    text += cell.getChars() || " ";
  }
  return (paint === "" ? text : `${text}</${paint}>`).trimEnd();
}

const colours: Readonly<Record<number, string>> = { 1: "red", 2: "green", 3: "yellow" };

function paintOf(cell: xterm.IBufferCell): string {
  const colour = cell.isFgPalette() ? (colours[cell.getFgColor()] ?? `colour-${cell.getFgColor()}`) : undefined;
  return [cell.isBold() ? "bold" : undefined, cell.isDim() ? "dim" : undefined, colour]
    .filter((name) => name !== undefined)
    .join("-");
}
