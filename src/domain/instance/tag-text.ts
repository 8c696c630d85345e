import { matchesText } from "../text/glob.ts";
import type { Tags } from "./instance.ts";

/** A tag to find or to remove: a key, with any value unless one is given. */
export type TagPattern = { readonly key: string; readonly value?: string };

/**
 * A tag as it is typed, `KEY=VALUE`: `ns:pred=value` of RightScale's machine tags is key `ns:pred` with value `value`.
 * The key ends at the first `=`; undefined where there is no key.
 */
export function parseTag(text: string): TagPattern | undefined {
  const at = text.indexOf("=");
  const key = at < 0 ? text : text.slice(0, at);
  if (key === "") return undefined;
  return at < 0 ? { key } : { key, value: text.slice(at + 1) };
}

/** A tag as one line: a key without a value stands alone, as RightScale's raw tags do. */
export function tagText(key: string, value: string): string {
  return value === "" ? key : `${key}=${value}`;
}

/** All of them, in the order of their keys. */
export function tagTexts(tags: Tags): readonly string[] {
  return Object.keys(tags)
    .toSorted()
    .map((key) => tagText(key, tags[key] ?? ""));
}

/** The tags that remain without these; each is removed with its value only if the pattern gives one. No wildcards. */
export function without(tags: Tags, taken: readonly TagPattern[]): Tags {
  const isTaken = (key: string, value: string) =>
    taken.some((one) => one.key === key && (one.value === undefined || one.value === value));
  return Object.fromEntries(Object.entries(tags).filter(([key, value]) => !isTaken(key, value)));
}

/** Whether any of the tags fits any of the patterns; `*` in key or value stands for any text. */
export function fitsAny(tags: Tags, patterns: readonly TagPattern[]): boolean {
  const entries = Object.entries(tags);
  return patterns.some(({ key: wanted, value: its = "*" }) =>
    entries.some(([key, value]) => matchesText(wanted, key) && matchesText(its, value)),
  );
}
