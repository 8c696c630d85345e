import { MusterError } from "../../domain/errors/errors.ts";
import { findLine, lockHeld, upgradeFailed, type Failed } from "../host/packages/failures.ts";
import { fetchCauseIn } from "../host/packages/fetch-cause.ts";
import { lockHolderIn } from "./progress.ts";

/** As a clause for a hint. */
export const usualHolders = "dnf-makecache.timer, dnf-automatic and PackageKit are the usual ones";

/**
 * Says in plain words why a command failed. dnf exits with 1 for nearly every failure (200: a lock), so the text
 * decides.
 */
export function failureOf(failed: Failed): MusterError {
  return (
    lockFailure(failed) ??
    diskFailure(failed) ??
    trustFailure(failed) ??
    scriptFailure(failed) ??
    dependencyFailure(failed) ??
    fetchFailure(failed) ??
    upgradeFailed(failed, lastWords(failed.lines))
  );
}

function lockFailure({ what, lines }: Failed): MusterError | undefined {
  const holder = lines.map(lockHolderIn).findLast((found) => found !== undefined);
  return holder === undefined ? undefined : lockHeld(what, holder, usualHolders);
}

function diskFailure({ what, lines }: Failed): MusterError | undefined {
  const line = findLine(
    lines,
    /No space left on device|more space needed on|needs \S+ more space on|Not enough (?:free )?space|Curl error \(23\)/i,
  );
  if (line === undefined) return undefined;
  return new MusterError({
    code: "package-disk-full",
    message: `${what} found the disk full: ${plain(line)}`,
    hint: 'Free space on the file systems of /var and /boot; "dnf clean packages" and old kernels are the usual candidates.',
  });
}

const untrusted =
  /GPG check FAILED|Public key for .{0,300} is not installed|You have enabled checking of packages via GPG keys|(?:GPG|PGP) (?:signature verification|check).{0,300}(?:error|fail)|Signature verification failed|Bad (?:GPG|PGP) signature/i;

function trustFailure({ what, lines }: Failed): MusterError | undefined {
  const line = findLine(lines, untrusted);
  if (line === undefined) return undefined;
  const keyless = line.startsWith("You have enabled checking");
  return new MusterError({
    code: "package-source-untrusted",
    message: `${what} does not trust a package source: ${keyless ? "packages have to be signed, and no key is installed" : plain(line)}`,
    hint: "Install the repository's current key (rpm --import, or gpgkey= in its file in /etc/yum.repos.d), or take it out.",
  });
}

function scriptFailure({ what, exit, lines, logFile }: Failed): MusterError | undefined {
  if (exit.kind !== "exited") return undefined;
  const pattern = /scriptlet failed|: install failed|unpacking of archive failed/i;
  const errors = lines.filter((line) => /^error: /i.test(line));
  const line = findLine(errors, pattern) ?? findLine(lines, pattern);
  if (line === undefined) return undefined;
  return new MusterError({
    code: "package-script-failed",
    message: `${what} failed: ${plain(line)}`,
    hint: `What the package itself printed is in ${logFile}; muster completes the rest in its next run.`,
  });
}

function dependencyFailure({ what, lines }: Failed): MusterError | undefined {
  const line = findLine(
    lines,
    /^ *(?:- )?(?:nothing provides|package .* (?:requires|conflicts|obsoletes) )|conflicting requests|conflicts with file from|Requires: |Protected multilib/,
  );
  if (line === undefined) return undefined;
  return new MusterError({
    code: "package-dependencies-broken",
    message: `${what} cannot satisfy the packages' dependencies: ${plain(line)}`,
    hint: 'Run "dnf upgrade --assumeno --best" on the instance: it names the packages that are in each other\'s way.',
  });
}

const notFetched =
  /Failed to download|Cannot download|Error downloading|Errors during downloading|Curl error|curl#\d+|Librepo error|No more mirrors|All mirrors were tried|Could not resolve host|Cannot find a valid baseurl|Cannot retrieve|Failed to (?:synchronize|load) (?:cache|repository)|Status code: \d+|incorrect checksum|checksum doesn't match|Cache-only enabled but no cache/i;

function fetchFailure({ what, lines }: Failed): MusterError | undefined {
  if (findLine(lines, notFetched) === undefined) return undefined;
  // The line with the reason says more than the conclusion.
  const reason = findLine(lines, /Curl error|curl#\d+|Status code: \d+|Could not resolve|checksum/i);
  const said = plain(reason ?? findLine(lines, notFetched) ?? "");
  const { code, hint, transient } = fetchCauseIn(said, "/etc/yum.repos.d");
  return new MusterError({
    code,
    message: `${what} could not download everything: ${said}`,
    hint: `${hint}.`,
    transient,
  });
}

function lastWords(lines: readonly string[]): string | undefined {
  const line = findLine(lines, /^Error: \S/) ?? lines.findLast((line) => line.trim() !== "");
  return line === undefined ? undefined : plain(line);
}

/** Without their marks. */
function plain(line: string): string {
  return line
    .trim()
    .replace(/^(?:Error: |error: |- |\[MIRROR\] )+/, "")
    .slice(0, 300);
}
