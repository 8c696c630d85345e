/**
 * Compares two Debian versions as dpkg does (deb-version(7)): epoch, upstream version, revision.
 * @returns below, at or above 0 as `one` is older than, the same as or newer than `other`
 */
export function compareVersions(one: string, other: string): number {
  const [a, b] = [splitVersion(one), splitVersion(other)];
  return a.epoch - b.epoch || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
}

function splitVersion(version: string) {
  const colon = version.indexOf(":");
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Alternates between a run of other characters and a run of digits. */
function compareParts(one: string, other: string): number {
  let [a, b] = [one, other];
  while (a !== "" || b !== "") {
    const [textA, textB] = [/^\D*/.exec(a)?.[0] ?? "", /^\D*/.exec(b)?.[0] ?? ""];
    const text = compareText(textA, textB);
    if (text !== 0) return text;
    [a, b] = [a.slice(textA.length), b.slice(textB.length)];
    const [digitsA, digitsB] = [/^\d*/.exec(a)?.[0] ?? "", /^\d*/.exec(b)?.[0] ?? ""];
    const number = compareDigits(digitsA, digitsB);
    if (number !== 0) return number;
    [a, b] = [a.slice(digitsA.length), b.slice(digitsB.length)];
  }
  return 0;
}

function compareText(one: string, other: string): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = rank(one[at]) - rank(other[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** A tilde sorts before all else, even the end; letters before all other characters. */
function rank(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = character.codePointAt(0) ?? 0;
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Without leading zeros the longer number is greater: no number is too long. */
function compareDigits(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+/, ""), other.replace(/^0+/, "")];
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
