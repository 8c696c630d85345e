import { stripVTControlCharacters } from "node:util";
import { noConnectionOf, type NoConnection } from "../no-connection.ts";

/** The result of one attempt: `seen` is for people, passed or not. */
export type Seen = { readonly ok: boolean; readonly seen: string };

const causes: Readonly<Record<NoConnection, string>> = {
  unresolved: "a host name that does not resolve",
  refused: "connection refused",
  "no-route": "no route to the host",
  late: "no answer in time",
  untrusted: "a certificate that is not trusted",
  expired: "a certificate that has expired",
  "not-yet-valid": "a certificate that is not valid yet",
  "other-name": "a certificate for another name",
};
const words: Readonly<Record<string, string>> = {
  ECONNRESET: "connection reset",
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
  const cause = noConnectionOf(error);
  if (cause !== undefined) return causes[cause];
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
