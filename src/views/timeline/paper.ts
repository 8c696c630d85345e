/** The surface for the text; a terminal's style is one. */
export type Paper = {
  readonly columns: number;
  /** Whether it can show more than ASCII. */
  readonly unicode: boolean;
  /** The width of a text in columns. */
  readonly widthOf: (text: string) => number;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
  /** Made one harmless line and cut to a width. */
  readonly fit: (text: string, width: number) => string;
};

/** @param text that fits */
export function padded(text: string, width: number, paper: Paper): string {
  return text + " ".repeat(Math.max(0, width - paper.widthOf(text)));
}

/** Broken between words; muster's own words here are short. */
export function wrapped(text: string, paper: Paper): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/(?<=,|;|   )\s*/)) {
    const last = lines.at(-1);
    const longer = `${last ?? ""} ${word}`;
    if (last !== undefined && longer.trimEnd().length <= paper.columns) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.map((line) => paper.fit(line, paper.columns));
}
