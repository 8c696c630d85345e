import type { SourceFailure } from "../../domain/run/package-source.ts";
import { fetchCauseIn } from "../host/packages/fetch-cause.ts";

/** The result of a refresh, by repository. */
export type Verdicts = { readonly read: number; readonly failed: readonly SourceFailure[] };

const untrusted = /GPG|PGP|signature/i;

/**
 * Reads the verdicts out of `dnf --setopt=*.skip_if_unavailable=1 --refresh makecache`, as dnf 4.14 and 4.23 print them:
 *
 * ```
 * muster lab                    1.0 MB/s | 3.8 kB     00:00
 * dead one                      0.0  B/s |   0  B     00:20
 * Errors during downloading metadata for repository 'dead':
 *   - Curl error (28): Timeout was reached for http://10.9.9.9/x/repodata/repomd.xml [Connection timed out …]
 * Error: Failed to download metadata for repo 'dead': Cannot download repomd.xml: …
 * Ignoring repositories: dead
 * ```
 */
export function verdictsIn(lines: readonly string[]): Verdicts {
  const rows = lines.filter((line) => / [kMG]?B\/s \| /.test(line)).length;
  const names = lines.flatMap((line) => /^Ignoring repositories: (.*)$/.exec(line)?.[1]?.split(", ") ?? []);
  const failed = [...new Set(names)].map((source) => failureOf(source, lines));
  return { read: Math.max(0, rows - failed.length), failed };
}

function failureOf(source: string, lines: readonly string[]): SourceFailure {
  const heading = lines.indexOf(`Errors during downloading metadata for repository '${source}':`);
  const conclusion = lines.find((line) => line.startsWith(`Error: Failed to download metadata for repo '${source}': `));
  const reason = heading < 0 ? undefined : lines[heading + 1];
  const said = (reason ?? conclusion ?? "dnf gave no reason").replace(/^(?: +- |Error: )/, "");
  const message = `The repository ${source} could not be read: ${said.replaceAll(/(\w:\/\/)[^/\s@]*@/g, "$1").slice(0, 200)}`;
  const fetched = fetchCauseIn(said, "/etc/yum.repos.d");
  const distrusted = untrusted.test(said) || untrusted.test(conclusion ?? "");
  if (!distrusted || fetched.code === "package-certificate-refused") {
    const without = `; to do without it: dnf config-manager --set-disabled ${source}.`;
    return { source, message, ...fetched, hint: `${fetched.hint}${without}` };
  }
  return {
    source,
    code: "package-source-untrusted",
    message,
    hint: "Install its current key (rpm --import, or gpgkey= in its file in /etc/yum.repos.d), or take it out.",
    transient: false,
  };
}
