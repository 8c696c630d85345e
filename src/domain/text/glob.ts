// The two kinds of glob in settings, catalogue and requests. Matching does not backtrack: its cost is at most the
// product of the lengths of pattern and text. A regular expression made from a glob could backtrack without bound on a
// text from outside.

/** Whether a text fits a pattern: `*` is any text, everything else means itself. */
export function matchesText(pattern: string, text: string): boolean {
  const [head = "", ...parts] = pattern.split("*");
  const tail = parts.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    // The first match is as good as a later one, because the next star takes the rest.
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}

/**
 * Whether a path fits a pattern: `*` is any text without a separator, `**` any text, `?` one character other than a
 * separator; everything else means itself.
 */
export function matchesPath(pattern: string, path: string, separator: "/" | "."): boolean {
  const characters = Array.from(path);
  /** At an index: whether the first characters of the path, as many as the index says, fit the parts so far. */
  let fits = [true, ...characters.map(() => false)];
  for (const [part] of pattern.matchAll(/\*\*|[^]/gu)) {
    const before = fits;
    fits = before.map(() => false);
    for (const at of before.keys()) {
      const last = characters[at - 1];
      fits[at] = isStar(part)
        ? before[at] === true || (fits[at - 1] === true && (part === "**" || last !== separator))
        : before[at - 1] === true && (part === "?" ? last !== separator : last === part);
    }
    if (!fits.includes(true)) return false;
  }
  return fits.at(-1) === true;
}

function isStar(part: string): boolean {
  return part === "*" || part === "**";
}
