/** The place of a secret in a text: from, and up to. */
export type Range = readonly [from: number, to: number];

const marker = /-----(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;

/** Lines of a key that was cut off at its beginning or at its end. */
const mostLines = 200;

const lineOfKey = /(?:\\[rn]|\s){1,4}[A-Za-z0-9+/=]{4,128}(?![\w+/=])/y;

/** The private keys in a text, whole or in part. Each character is read a few times at most. */
export function privateKeysIn(text: string): readonly Range[] {
  if (!text.includes("PRIVATE KEY")) return [];
  const ranges: Range[] = [];
  let begin: Range | undefined;
  /** The text before it belongs to no later key. */
  let free = 0;
  for (const match of text.matchAll(marker)) {
    const place: Range = [match.index, match.index + match[0].length];
    if (match[1] === "BEGIN") {
      if (begin !== undefined) ranges.push([begin[0], endOfLines(text, begin[1])]);
      begin = place;
      free = place[1];
      continue;
    }
    ranges.push([begin?.[0] ?? beginOfLines(text, place[0], free), place[1]]);
    begin = undefined;
    free = place[1];
  }
  if (begin !== undefined) ranges.push([begin[0], endOfLines(text, begin[1])]);
  return ranges;
}

function endOfLines(text: string, from: number): number {
  lineOfKey.lastIndex = from;
  let end = from;
  for (let line = 0; line < mostLines && lineOfKey.test(text); line += 1) end = lineOfKey.lastIndex;
  return end;
}

/** Back over the words that may be lines of the key which ends there. */
function beginOfLines(text: string, end: number, free: number): number {
  const before = text.slice(Math.max(free, end - mostLines * 132), end);
  let begin = end;
  let at = before.length;
  for (let line = 0; line < mostLines; line += 1) {
    const gap = /(?:\\[rn]|\s){1,4}$/.exec(before.slice(Math.max(0, at - 8), at))?.[0].length ?? 0;
    const lineText = /[A-Za-z0-9+/=]{4,128}$/.exec(before.slice(Math.max(0, at - gap - 129), at - gap))?.[0] ?? "";
    if (gap === 0 || lineText === "" || lineText.length > 128) return begin;
    at -= gap + lineText.length;
    begin = end - (before.length - at);
  }
  return begin;
}
