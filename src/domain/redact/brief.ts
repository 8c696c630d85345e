// Texts for readers other than root: tags and metrics, the group muster, systemd's journal and status line. They hold
// codes, stages and the names of checks and resources; never the output of a command, a command line or a URL.
import type { ErrorReport } from "../errors/errors.ts";
import type { Pending, PendingPart } from "../membership/membership.ts";
import { redact } from "./redact.ts";

/** A URL, with the words that may stand for a secret in it: its host is group 1. */
const url =
  /\b[a-z][a-z0-9+.-]{1,20}:\/\/(?:\[masked [a-z-]{1,40}\]@|[^\s/?#"'<>@]{0,200}@)?([^\s/?#"'<>@]*)(?:\[masked [a-z-]{1,40}\]|[^\s"'<>])*/gi;

/** A text in which only the hosts of URLs are left, and no likely secret. */
export function briefText(text: string): string {
  const hosts = text.replaceAll(url, (whole, host: string) => {
    const end = /(?<![).,;:])[).,;:]*$/.exec(whole.slice(-4))?.[0] ?? "";
    return `${host.replace(/(?<![).,;:])[).,;:]+$/, "") || "a file"}${end}`;
  });
  return redact(hosts);
}

/** The words before the first quotation: quoted words stand behind a colon. */
export function ownWords(text: string): string {
  return briefText(text.split(": ", 1)[0] ?? "");
}

/** An error by its code, and the names of what failed. */
export function briefError({ code, subjects = [] }: Pick<ErrorReport, "code" | "subjects">): string {
  return subjects.length === 0 ? code : `${code}: ${namesOf(subjects)}`;
}

/** The same error without quoted words. */
export function briefReport({ code, subjects = [] }: ErrorReport): ErrorReport {
  const message = subjects.length === 0 ? code : namesOf(subjects);
  return { code, message, hint: "Root finds what happened with: muster explain", subjects };
}

/** What is still to be done, by code. */
export function briefPending({ others, ...pending }: Pending): Pending {
  const briefOthers = others?.map((part): PendingPart => ({ ...part, text: part.code }));
  return { ...pending, text: pending.code, ...(briefOthers === undefined ? {} : { others: briefOthers }) };
}

function namesOf(subjects: readonly string[]): string {
  return subjects.map(briefText).join(", ");
}

/**
 * The names of a role's checks, in the order of its checks. A check without a name of its own is named after its URL or
 * command line: the brief name keeps the host or the program, with a number where two are alike.
 */
export function publicCheckNames(names: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  return names.map((name) => {
    const short = publicCheckName(name);
    const count = (counts.get(short) ?? 0) + 1;
    counts.set(short, count);
    return count === 1 ? short : `${short} (${count})`;
  });
}

function publicCheckName(name: string): string {
  const line = /^command (?<line>.*)$/s.exec(name)?.groups?.["line"];
  return line === undefined ? briefText(name) : `command ${programOf(line)}`;
}

/** The program of a command line, without its directory; variables may be set before it. */
function programOf(line: string): string {
  const [word = ""] = line.split(/\s+/).filter((each) => each !== "" && !/^\w+=/.test(each));
  const program = word.slice(word.lastIndexOf("/") + 1);
  return /^[\w.+-]{1,40}$/.test(program) ? program : "of the shell";
}

/** Characters that a command line has, and a plain name has not. */
const commandSigns = /[/=$|&;<>@`"'\\\n]|:\/\/|(?:^|\s)-\w/;

/**
 * A resource by type and title. The title of a resource that runs a command is often the command line: then only the
 * program is kept.
 */
export function publicResource(resource: string): string {
  const { type, title } = /^(?<type>[\w:]{1,100})\[(?<title>.*)\]$/s.exec(resource)?.groups ?? {};
  if (type === undefined || title === undefined) return briefText(resource);
  const isCommand = /\s/.test(title) ? commandSigns.test(title) : title.includes("://");
  return `${type}[${isCommand ? `${programOf(title)} …` : redact(title)}]`;
}
