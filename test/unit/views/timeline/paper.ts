import { fit, widthOf } from "../../../../src/cli/terminal/text.ts";
import type { Paper } from "../../../../src/views/timeline/paper.ts";

/** A terminal without colours. */
export function plainPaper(columns: number, unicode: boolean): Paper {
  const paint = { strong: same, dim: same, warn: same, bad: same };
  return { columns, unicode, ...paint, widthOf, fit: (text, width) => fit(text, width, unicode ? "…" : "...") };
}

function same(text: string): string {
  return text;
}
