import { formatAgo } from "../../domain/text/units.ts";

/** As `00:12:00 UTC (in 25 s)`; with its date if that is not today. */
export function moment(iso: string, now: string): string {
  const day = iso.slice(0, 10) === now.slice(0, 10) ? "" : `${iso.slice(0, 10)} `;
  return `${day}${iso.slice(11, 19)} UTC (${ago(iso, now)})`;
}

export function ago(iso: string, now: string): string {
  return formatAgo(Date.parse(now) - Date.parse(iso));
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

export function triesWords(tries: number): string {
  return tries === 1 ? "1 try" : `${tries} tries`;
}

/** A commit in the short form for people. */
export function short(commit: string): string {
  return commit.slice(0, 12);
}

/** Messages of invalid files have one problem a line: the first one fits into a sentence. */
export function firstProblem(message: string): string {
  const [head = "", first, ...more] = message.split("\n");
  if (first === undefined) return head;
  return `${head} ${first}${more.length === 0 ? "" : `; and ${more.length} more`}`;
}
