import { stripVTControlCharacters } from "node:util";

/** The result of one attempt: `seen` is for people, passed or not. */
export type Seen = { readonly ok: boolean; readonly seen: string };

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ENOTFOUND: "a host name that does not resolve",
  EAI_AGAIN: "a host name that does not resolve now",
  ENOENT: "no such path",
  ENOTDIR: "no such path",
  EACCES: "permission denied",
  EPERM: "permission denied",
};

/** An error of the operating system in people's words. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses: each was tried.
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return words[code] ?? excerpt(error.message);
}

const maxText = 200;

/** The end of a text, on one line: the last words of a program usually hold the error. */
export function excerpt(text: string): string {
  const line = stripVTControlCharacters(text)
    .split(/[\r\n]+/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .join(" | ");
  return line.length <= maxText ? line : `…${line.slice(-maxText)}`;
}
