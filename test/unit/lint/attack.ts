// Texts that make a regular expression that backtracks do its worst: a beginning that brings the matcher to some place of
// the pattern, one piece many times over, and an end that fits nothing.
import { parseRegExpLiteral, visitRegExpAST, type AST } from "@eslint-community/regexpp";

type Element = AST.Element;

/** Of a pattern: the shortest texts that lead to each of its places, and what may be repeated there. */
type Place = { readonly before: string; readonly pieces: readonly string[] };

/**
 * How long the first attacks are, in characters: a pattern whose time doubles with every character is found out by the
 * short ones, and would never come to an end of the last.
 */
const lengths = [16, 20, 24, 28, 200, 12_000];

/** A linear pattern takes less than this for each of them. In milliseconds of the processor. */
const suspiciousMs = 0.4;

/** The attack that decides: so many times as long, for which a linear pattern takes as many times as long. */
const longer = 5;

/** @returns the text that a pattern needs far too long for, said in short; undefined where none was found */
export function weaknessOf(regex: RegExp): string | undefined {
  if (!repeatsMuch(regex)) return undefined;
  for (const { before, pieces } of placesOf(regex)) {
    for (const piece of pieces) {
      for (const end of ["", "\0", "\n\0", "\0\n\0"]) {
        if (isSlow(regex, (length) => before + piece.repeat(Math.ceil(length / piece.length)) + end)) {
          return `${JSON.stringify(before)} + ${JSON.stringify(piece)} many times + ${JSON.stringify(end)}`;
        }
      }
    }
  }
  return undefined;
}

function isSlow(regex: RegExp, textOf: (length: number) => string): boolean {
  const own = new RegExp(regex.source, regex.flags.replaceAll(/[gy]/g, ""));
  const least = (length: number, enoughMs: number): number => {
    const text = textOf(length);
    let ms = Number.POSITIVE_INFINITY;
    // What is slow only now and then is the machine.
    for (let turn = 0; turn < 4 && ms > enoughMs; turn += 1)
      ms = Math.min(
        ms,
        processorMs(() => own.exec(text)),
      );
    return ms;
  };
  for (const length of lengths) {
    const ms = least(length, suspiciousMs);
    if (ms <= suspiciousMs) continue;
    // Half way between linear and quadratic.
    const limitMs = ms * longer ** 1.5;
    return length < 12_000 || least(length * longer, limitMs) > limitMs;
  }
  return false;
}

function processorMs(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  return process.threadCpuUsage(before).user / 1_000;
}

/** A text is gone through more than once only by what may be repeated, and a few times cost nothing. */
function repeatsMuch(regex: RegExp): boolean {
  let much = false;
  visitRegExpAST(parseRegExpLiteral(regex), {
    onQuantifierEnter: ({ max }) => {
      much ||= max > 20;
    },
  });
  return much;
}

function placesOf(regex: RegExp): readonly Place[] {
  const { pattern } = parseRegExpLiteral(regex);
  const unicode = regex.flags.replaceAll(/[^iuv]/g, "");
  return pattern.alternatives.flatMap((alternative) => inAlternative(alternative, "", unicode));
}

function inAlternative({ elements }: AST.Alternative, before: string, flags: string): readonly Place[] {
  const samples = elements.map((element) => samplesOf(element, flags));
  const join = (from: number, to: number, which = 0) =>
    samples
      .slice(from, to)
      .map((some) => some.at(which) ?? "")
      .join("");
  return elements.flatMap((element, at): readonly Place[] => {
    const here = before + join(0, at);
    const windows = [at + 1, at + 2, at + 3, elements.length].map((to) => join(at, to));
    const beginnings = [join(0, at + 1), join(0, at + 1, -1)];
    const pieces = new Set([...(samples[at] ?? []), ...windows, ...beginnings].filter((piece) => piece !== ""));
    const broken = [...pieces].flatMap((piece) => [piece, `${piece}\n`, `\n${piece}`]);
    return [{ before: here, pieces: [...broken, " ", "a", "0"] }, ...inside(element, here, flags)];
  });
}

function inside(element: Element, before: string, flags: string): readonly Place[] {
  if (element.type === "Quantifier") return inside(element.element, before, flags);
  if ("alternatives" in element) return element.alternatives.flatMap((each) => inAlternative(each, before, flags));
  return [];
}

/** Some texts that an element fits, the shortest first. */
function samplesOf(element: Element, flags: string): readonly string[] {
  switch (element.type) {
    case "Character":
      return [String.fromCodePoint(element.value)];
    case "CharacterSet":
    case "CharacterClass":
    case "ExpressionCharacterClass":
      return fitting(element.raw, flags);
    case "Quantifier": {
      const samples = samplesOf(element.element, flags);
      return [0, 1].includes(element.min) ? samples : samples.map((sample) => sample.repeat(element.min));
    }
    case "Group":
    case "CapturingGroup":
      return element.alternatives.map(({ elements }) =>
        elements.map((each) => samplesOf(each, flags)[0] ?? "").join(""),
      );
    default:
      return [""];
  }
}

const alphabet = ["a", "A", "0", " ", "-", "/", ":", "=", ".", "\n", "\t", '"', "[", "(", "@", "_", "\0", "é"];

function fitting(set: string, flags: string): readonly string[] {
  const form = new RegExp(`^${set}$`, flags);
  return alphabet.filter((character) => form.test(character)).slice(0, 4);
}
