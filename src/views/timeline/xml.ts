/** An attribute or the text of an element: foreign text can neither end it nor change the direction of writing. */
export function escaped(text: string): string {
  return text
    .replaceAll(
      /[^\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
      " ",
    )
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** @param children elements, or text that is escaped */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const open = `<${name}${written.join("")}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join("")}</${name}>`;
}

/**
 * Cut to a width that no common font exceeds.
 * @param size of the font, in the unit of `width`
 */
export function clipped(text: string, width: number, size: number): string {
  let left = width / size;
  let fitting = "";
  for (const char of text) {
    const needs = emsOf(char);
    // Keep room for the ellipsis until the whole text has fit.
    if (left - needs < 0) return `${fitting.slice(0, Math.max(0, fitting.length - 2)).trimEnd()}…`;
    left -= needs;
    fitting += char;
  }
  return text;
}

/** The widest of the fonts that browsers use for `sans-serif`. */
function emsOf(char: string): number {
  if (/[il.,:;'| !]/.test(char)) return 0.4;
  if (/[a-z0-9()-]/.test(char)) return /[mw]/.test(char) ? 1 : 0.65;
  return /[A-Z×]/.test(char) && !/[MW]/.test(char) ? 0.85 : 1.1;
}
