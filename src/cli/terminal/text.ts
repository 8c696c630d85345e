/** Text in columns: foreign text is made harmless, measured, cut and wrapped. Pure. */
import { eastAsianWidth } from "get-east-asian-width";

/** One line without control characters, line ends, and marks that change the direction of writing. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, " ").trimEnd();
}

/** A value as JSON without terminal control characters. Readers of JSON get the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return harmlessJson(JSON.stringify(value, null, indent));
}

/**
 * JSON escapes the characters below a space by itself; other control characters occur in strings only, and are escaped
 * too.
 */
export function harmlessJson(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The width of a line on a terminal, colours not counted. */
export function widthOf(line: string): number {
  // oxlint-disable-next-line no-control-regex -- the colours that a style painted
  const bare = line.replaceAll(/\u001b\[[\d;]*m/g, "");
  if (/^[ -~]*$/.test(bare)) return bare.length;
  let width = 0;
  for (const char of bare) width += columnsOf(char);
  return width;
}

/**
 * The width of one code point. Terminals disagree about joined emoji: they are counted one by one, which is never too
 * little.
 */
function columnsOf(char: string): number {
  if (/\p{Mn}|\p{Me}|[\u200b-\u200f]|\u2060|\ufeff/u.test(char)) return 0;
  return eastAsianWidth(char.codePointAt(0) ?? 0);
}

/** Made plain and cut to a width in columns, with an ellipsis. */
export function fit(text: string, width: number, ellipsis = "…"): string {
  const clean = plain(text);
  if (widthOf(clean) <= width) return clean;
  let left = width - widthOf(ellipsis);
  if (left < 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = "";
  for (const char of clean) {
    left -= columnsOf(char);
    if (left < 0) break;
    kept += char;
  }
  return kept + ellipsis;
}

/** An amount is not separated from its unit. */
const betweenWords = / (?!(?:ms|s|min|h|d|ago|B|[KMGT]iB)\b)/;

/** The shortest line: on a narrower terminal the indent shrinks, not the words. */
const leastColumns = 16;

/**
 * Text after an indent of `indent` columns, broken between words before `columns`; further lines have the same indent.
 * It may have colours. A word that is wider than a line stays whole: a URL is to be copied.
 */
export function wrap(text: string, columns: number, indent: number): string {
  const width = Math.max(leastColumns, columns - indent);
  if (widthOf(text) <= width) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(betweenWords)) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].join(`\n${" ".repeat(Math.min(indent, Math.max(0, columns - width)))}`);
}
