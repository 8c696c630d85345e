// Other words for every text that people read, at random. The same text gets the same words, as every sentence that a
// programmer rewords does; whatever else an event, an error or a file holds stays.

/** Fields whose values are for people alone, wherever they stand. */
const texts = new Set([
  ...["text", "message", "hint", "reason", "reasons", "summary", "note", "brief", "why", "quoted", "line", "details"],
  ...["seen", "smokeSeen", "expected", "unknown", "rebootRefused", "rebootReasons", "detail"],
]);

/** Words that code once looked for, beginnings above all. */
const traps = [
  ...["joining: the gates come first", "smoke check", "held at dns:", "tags: there is", "register:", "imds-failed"],
  ...["The balancer does not say healthy:", "aws-throttled", "usage", "not healthy", "spot", "paused", "the program"],
  ...["out of service", "no answer", "reboot-required", "timed out", "denied"],
];
const words = ["lorem", "ipsum", "dolor", "sit", "amet", "nothing", "is", "well", "again", "before", "after", "100 %"];

let seed: number | undefined;
const made = new Map<string, string>();
const own = new Set<string>();

/** Rewords everything while `work` goes on. @param by undefined: nothing */
export async function rewording<T>(by: number | undefined, work: () => Promise<T>): Promise<T> {
  seed = by;
  made.clear();
  own.clear();
  try {
    return await work();
  } finally {
    seed = undefined;
  }
}

/** How many texts were reworded since `rewording` began. */
export function rewordedCount(): number {
  return made.size;
}

/** Keeps how many lines a text has, and that it is empty. */
export function reword(text: string): string {
  if (seed === undefined || text === "" || own.has(text)) return text;
  const known = made.get(text);
  if (known !== undefined) return known;
  const random = randomFrom(`${seed} ${text}`);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? "";
  const lines = text.split("\n").map(() => {
    const begin = random() < 0.5 ? [pick(traps)] : [];
    return [...begin, ...Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick(words))].join(" ");
  });
  // Two sentences that differ go on to differ.
  const other = `${lines.join("\n")} ${made.size}`;
  made.set(text, other);
  own.add(other);
  return other;
}

/** The same value with other words in the fields that are texts. */
export function rewordAll<T>(value: T): T;
export function rewordAll(value: unknown): unknown {
  return mapTexts(value, reword);
}

/** The same value, of which the words of texts do not count. */
export function withoutWords(value: unknown): unknown {
  return mapTexts(value, (text) => (text === "" ? "" : "…"));
}

function mapTexts(value: unknown, by: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => mapTexts(each, by));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]: [string, unknown]) => {
      if (!texts.has(name)) return [name, mapTexts(each, by)];
      if (typeof each === "string") return [name, by(each)];
      const isList = Array.isArray(each) && each.every((one) => typeof one === "string");
      return [name, isList ? each.map(by) : mapTexts(each, by)];
    }),
  );
}

/** A file of JSON, or of a value a line; undefined for any other. */
export function mapFile(text: string, by: (value: unknown) => unknown): string | undefined {
  try {
    const lines = text.trimEnd().split("\n");
    if (lines.length > 1 && lines[0]?.startsWith("{") === true && lines[0].endsWith("}")) {
      return `${lines.map((line) => JSON.stringify(by(JSON.parse(line)))).join("\n")}\n`;
    }
    return JSON.stringify(by(JSON.parse(text)));
  } catch {
    return undefined;
  }
}

/** mulberry32 over a hash of the text. */
function randomFrom(text: string): () => number {
  let state = 2166136261;
  for (const char of text) state = Math.imul(state ^ (char.codePointAt(0) ?? 0), 16777619);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
