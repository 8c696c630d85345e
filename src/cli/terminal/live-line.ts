import type { CommandIo } from "../command.ts";

/** The line at the bottom of a terminal that is redrawn, below the permanent lines. */
export type LiveLine = {
  /**
   * Replaces the line; without a terminal that can redraw, there is no such line.
   * @param above permanent text above it, with its line end
   */
  draw(above: string, line: string | undefined): void;
};

/** Clear from the second column on: tmux keeps a screen that is cleared from its first cell in its history. */
const erase = "\r \u001b[J\r";

/** If the terminal was made narrower a moment ago, a line that is too wide is cut, not wrapped. */
const [noWrap, wrapAgain] = ["\u001b[?7l", "\u001b[?7h"];

/**
 * One line; the cursor rests at its beginning between drawings. After a resize, terminals differ in how they wrap lines
 * and move the cursor, so a count of several lines would be wrong on some. But all keep the cursor on its line: this
 * line and the rest of the screen belong to us.
 */
export function createLiveLine(io: Pick<CommandIo, "out" | "canRedraw">): LiveLine {
  let drawn = false;
  return {
    draw(above, line) {
      const before = drawn ? erase : "";
      drawn = io.canRedraw && line !== undefined;
      // In one write, so that no half-drawn line is visible.
      const text = before + above + (drawn ? `${noWrap}${line}${wrapAgain}\r` : "");
      if (text !== "") io.out(text);
    },
  };
}
