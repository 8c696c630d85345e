import type { SourceFailure } from "../../domain/run/package-source.ts";
import { fetchCauseIn } from "../host/packages/fetch-cause.ts";

/** A source in apt's words. */
type Source = { readonly uri: string; readonly suite: string };

/** The result of a refresh, by source. */
export type Verdicts = {
  /** How many were read, or are up to date. */
  readonly read: number;
  /** The unread ones, in apt's order. */
  readonly failed: readonly (SourceFailure & { readonly uri: string })[];
};

/** `Err:2 http://10.0.0.9/debian stable InRelease`, also of a package: `… stable/main amd64 perl amd64 5.36.0-7` */
const tried = /^(Get|Hit|Err):\d+ (\S+) (\S+) /;
/** `E: Repository 'file:/repos/cur stable InRelease' changed its 'Label' value from 'L' to 'M'` */
const changed = /^E: Repository '(\S+) (\S+) \S+' changed its '([^']*)' value from '([^']*)' to '([^']*)'/;
/** `E: The repository 'http://x stable Release' does not have a Release file.` */
const refused = /^E: The repository '(\S+) (\S+) \S+' (is not signed|(?:does not|no longer) ha(?:ve|s) a Release file)/;

/** Reads the verdicts out of `apt-get update`, as apt 2.6 and 3.0 print them. */
export function verdictsIn(lines: readonly string[]): Verdicts {
  const read = new Set<string>();
  const failed = new Map<string, Verdicts["failed"][number]>();
  function fail(source: Source, make: (source: Source) => SourceFailure): void {
    const key = keyOf(source);
    if (!failed.has(key)) failed.set(key, { ...make(source), uri: source.uri });
  }
  for (const [at, line] of lines.entries()) {
    const [, verb, uri = "", suite = ""] = tried.exec(line) ?? [];
    if (verb === "Err") fail({ uri, suite }, (source) => failureOf(source, reasonAfter(lines, at)));
    else if (verb !== undefined) read.add(keyOf({ uri, suite }));
    const label = changed.exec(line);
    if (label !== null) fail({ uri: label[1] ?? "", suite: label[2] ?? "" }, (source) => changedOf(source, label));
    const unsigned = refused.exec(line);
    if (unsigned !== null) {
      fail({ uri: unsigned[1] ?? "", suite: unsigned[2] ?? "" }, (source) => failureOf(source, `it ${unsigned[3]}`));
    }
  }
  for (const key of failed.keys()) read.delete(key);
  return { read: read.size, failed: [...failed.values()] };
}

/** The first of the indented lines below: later ones are shorter and less precise. */
function reasonAfter(lines: readonly string[], at: number): string {
  const next = lines[at + 1] ?? "";
  return next.startsWith("  ") ? next.trim() : "apt gave no reason";
}

const mistrust = /NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|Missing key|signature|not signed|keyring|sqv|expired/i;

function failureOf(source: Source, reason: string): SourceFailure {
  const name = nameOf(source);
  const message = `The package source ${name} could not be read: ${briefly(reason)}`;
  const fetched = fetchCauseIn(reason, "/etc/apt/sources.list.d");
  if (fetched.code === "package-certificate-refused" || !mistrust.test(reason)) {
    return { source: name, message, ...fetched };
  }
  return { source: name, code: "package-source-untrusted", message, hint: keyHint(reason), transient: false };
}

function keyHint(reason: string): string {
  const missing = /(?:NO_PUBKEY|Missing key) ([0-9A-F]{8,})/.exec(reason)?.[1];
  if (missing !== undefined)
    return `Install the key ${missing} in the file that Signed-By names, or take the source out`;
  const expired = /(?:EXPKEYSIG|REVKEYSIG) ([0-9A-F]{8,})/.exec(reason)?.[1];
  if (expired !== undefined) return `Its key ${expired} is no longer valid: install the one that replaces it`;
  const keyring = /keyring "?([^\s"]+)"?/.exec(reason)?.[1];
  if (keyring !== undefined) return `Put its key into ${keyring}, which Signed-By names, or take the source out`;
  return "Install its current key in the file that Signed-By names, or take the source out";
}

function changedOf(source: Source, [, , , what, before, after]: readonly (string | undefined)[]): SourceFailure {
  const name = nameOf(source);
  return {
    source: name,
    code: "package-source-changed",
    message: `The package source ${name} changed its ${what} from "${before}" to "${after}", which apt does not accept by itself`,
    hint: `If that is meant (a new release), accept it once: apt-get update --allow-releaseinfo-change-${(what ?? "").toLowerCase()}`,
    transient: false,
  };
}

/** `file:` sources have no host; a flat source has `./` for a suite. */
export function nameOf({ uri, suite }: Source): string {
  const [, host = ""] = /^[\w+.-]+:\/\/(?:[^/@]*@)?([^/]+)/.exec(uri) ?? [];
  const place = host === "" ? uri.replace(/^[\w+.-]+:/, "") : host;
  const [name = ""] = suite.split("/");
  return name === "." || name === "" ? place : `${place} ${name}`;
}

function keyOf({ uri, suite }: Source): string {
  return `${uri} ${suite.split("/")[0]}`;
}

/** Without the trace of sqv, and without secrets of a URL. */
function briefly(reason: string): string {
  return reason
    .replace(/^Sub-process \S+ returned an error code \(\d+\), error message is: /, "")
    .replace(/ {2}Stack backtrace:.*$/, "")
    .replaceAll(/(\w:\/\/)[^/\s@]*@/g, "$1")
    .slice(0, 200);
}
