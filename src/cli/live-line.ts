import type { CommandIo } from "./command.ts";

/** The line at the bottom of a terminal that is drawn again and again, below what stays. */
export type LiveLine = {
  /**
   * Draws this in the place of what was drawn before; where nothing can be drawn again there is no such line.
   * @param above what is printed above it and stays, with its line end
   */
  draw(above: string, line: string | undefined): void;
};

/** From the second column on: what is cleared from the first place of the screen, tmux keeps as a page that was left. */
const erase = "\r \u001b[J\r";

/** A line that is too wide, because the terminal was made narrower a moment ago, is cut off rather than wrapped. */
const [noWrap, wrapAgain] = ["\u001b[?7l", "\u001b[?7h"];

/**
 * One line, at whose beginning the cursor rests between drawings. A terminal that is resized wraps its lines anew, or
 * does not, and moves the cursor along, each brand in its own way; with several lines no count of them is right
 * everywhere. But all keep the cursor on the line it is on: what is ours is that line and what follows it.
 */
export function createLiveLine(io: Pick<CommandIo, "out" | "canRedraw">): LiveLine {
  let drawn = false;
  return {
    draw(above, line) {
      const before = drawn ? erase : "";
      drawn = io.canRedraw && line !== undefined;
      // In one piece, so that nothing half drawn is seen.
      const text = before + above + (drawn ? `${noWrap}${line}${wrapAgain}\r` : "");
      if (text !== "") io.out(text);
    },
  };
}
