/** Which texts may serve as names: they come from tags and files, and end up in paths, records and argument lists. */

/** A role or an environment: letters, digits, dots, dashes and underscores, at most 63 of them, no `..`. */
export function isPlainName(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text) && !text.includes("..");
}

/** A branch, tag or commit as git allows it (git-check-ref-format), at most 200 characters; never an option or a range. */
export function isRefName(text: string): boolean {
  if (text.length === 0 || text.length > 200) return false;
  if (/[\p{C}\p{Z}~^:?*[\\]/u.test(text)) return false;
  if (text.startsWith("-") || text === "@" || text.includes("..") || text.includes("@{")) return false;
  return text.split("/").every((part) => part !== "" && !part.startsWith(".") && !/(\.|\.lock)$/.test(part));
}

/** Foreign text made fit for one line of a log: control characters replaced, cut to `length`. */
export function printable(text: string, length = 80): string {
  const cut = text.length > length ? `${text.slice(0, length)}…` : text;
  return cut.replaceAll(/[\p{C}\u2028\u2029]/gu, "\u{FFFD}");
}

/** Whether a label begins as those of muster's own records do, which say who owns what and who may leave. */
export function isOwnDnsName(name: string): boolean {
  return name.split(".").some((label) => /^_muster/i.test(label));
}

/** Dots between labels of letters, digits, dashes and underscores; no trailing dot. */
export function isDnsName(value: string): boolean {
  const labels = value.split(".");
  return value.length <= 253 && labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
}
