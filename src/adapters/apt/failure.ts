import { MusterError } from "../../domain/errors/errors.ts";
import { findLine as find, lockHeld, upgradeFailed, type Failed } from "../host/packages/failures.ts";
import { lockHolderIn } from "./progress.ts";
import { fetchCauseIn } from "../host/packages/fetch-cause.ts";
import { noConnectionIn } from "../host/no-connection.ts";
import { scriptFailure } from "./script-failure.ts";
import { verdictsIn } from "./verdicts.ts";

/** Says in plain words why a package command failed. apt-get exits with 100 for every failure, so its text decides. */
export function failureOf(failed: Failed): MusterError {
  return (
    lockFailure(failed) ??
    diskFailure(failed) ??
    sourcesFailure(failed.what, failed.lines) ??
    scriptFailure(failed) ??
    changedFailure(failed) ??
    fetchFailure(failed) ??
    trustFailure(failed) ??
    dependencyFailure(failed) ??
    otherFailure(failed)
  );
}

/** As a clause for a hint. */
export const usualHolders = "apt-daily.service and unattended-upgrades are the usual ones";

function lockFailure({ what, lines }: Failed): MusterError | undefined {
  const lock = lines.map(lockHolderIn).findLast((found) => found !== undefined);
  const refused = lines.some((line) =>
    /^E: (?:Could not get lock|Unable to (?:lock|acquire))|^dpkg: error: .* lock was locked/.test(line),
  );
  if (lock === undefined || !refused) return undefined;
  return lockHeld(what, `${lock.holder}, which holds ${lock.file}`, usualHolders);
}

function diskFailure({ what, lines }: Failed): MusterError | undefined {
  const line = find(lines, /No space left on device|don't have enough free space|not enough free disk space/i);
  if (line === undefined) return undefined;
  return new MusterError({
    code: "package-disk-full",
    message: `${what} found the disk full: ${plain(line)}`,
    hint: 'Free space on the file systems of /var and /boot; "apt-get clean" and old kernels are the usual candidates.',
  });
}

function fetchFailure({ what, lines }: Failed): MusterError | undefined {
  const line = find(lines, /^[EW]: (?:Failed to fetch|Unable to fetch|Some index files failed)|^Err:\d+/);
  const reason = lines.find((one) => noConnectionIn(one) !== undefined || reasons.test(one));
  const trust = find(lines, trustPattern);
  if (line === undefined || (trust !== undefined && reason === undefined)) return undefined;
  const said = plain(reason ?? line);
  const { code, hint, transient } = fetchCauseIn(said, "/etc/apt/sources.list.d");
  const message = `${what} could not download everything${fromSource(lines)}: ${said}`;
  return new MusterError({ code, message, hint: `${hint}.`, transient });
}

const reasons =
  /response from proxy|Unable to connect|Connection failed|\b[45]\d\d  [A-Z]|Hash Sum mismatch|File has unexpected size/;

const sourcesPattern =
  /^E: (?:Conflicting values set for option|Malformed (?:entry|stanza|line)|Unable to parse|Syntax error |The list of sources could not be read|Problem with MergeList|The package lists or status file could not be parsed)/;

/** apt cannot work at all: its configuration or its lists are wrong, not dpkg. */
export function sourcesFailure(what: string, lines: readonly string[]): MusterError | undefined {
  const line = find(lines, sourcesPattern);
  if (line === undefined || /\/var\/lib\/dpkg\/status/.test(line)) return undefined;
  const lists = /MergeList|package lists/.test(line);
  return new MusterError({
    code: "package-sources-invalid",
    message: `${what} cannot read its sources: ${plain(line)}`,
    hint: lists
      ? "Remove the files in /var/lib/apt/lists and run apt-get update."
      : "Correct the file in /etc/apt that the message names, in the image or by the code that writes it: two entries of one source need the same Signed-By.",
  });
}

function changedFailure({ what, lines }: Failed): MusterError | undefined {
  const { failed } = verdictsIn(lines);
  const changed = failed.find(({ code }) => code === "package-source-changed");
  if (changed === undefined || failed.length > 1) return undefined;
  return new MusterError({ code: changed.code, message: `${what}: ${changed.message}`, hint: `${changed.hint}.` });
}

/** The first source that failed, as ` from deb.debian.org bookworm`. */
function fromSource(lines: readonly string[]): string {
  const [first] = verdictsIn(lines).failed;
  return first === undefined ? "" : ` from ${first.source}`;
}

const trustPattern =
  /NO_PUBKEY|EXPKEYSIG|REVKEYSIG|BADSIG|Missing key|is not signed|no longer has a Release file|does not have a Release file|not valid yet|is expired|unauthenticated packages/;

function trustFailure({ what, lines }: Failed): MusterError | undefined {
  const line = find(lines, trustPattern);
  if (line === undefined) return undefined;
  const early = /not valid yet/.test(line);
  return new MusterError({
    code: "package-source-untrusted",
    message: `${what} does not trust a package source${fromSource(lines).replace(" from", ",")}: ${plain(line)}`,
    hint: early
      ? "The clock of this instance is behind: see what keeps it from being synchronised (timedatectl)."
      : "Install the source's current signing key, or take the source out of /etc/apt/sources.list.d.",
    transient: early,
  });
}

function dependencyFailure({ what, lines }: Failed): MusterError | undefined {
  const line = find(
    lines,
    /unmet dependencies|held broken packages|need to be removed but remove is disabled|dependency problems/i,
  );
  if (line === undefined) return undefined;
  return new MusterError({
    code: "package-dependencies-broken",
    message: `${what} cannot satisfy the packages' dependencies: ${plain(line)}`,
    hint: 'Run "apt-get --fix-broken --simulate install" on the instance: it names the packages that are in each other\'s way.',
  });
}

function otherFailure(failed: Failed): MusterError {
  const { lines } = failed;
  const line = find(lines, /^E: /) ?? find(lines, /^dpkg: error/) ?? lines.at(-1);
  return upgradeFailed(failed, line === undefined ? undefined : plain(line));
}

/** Without apt's marks. */
function plain(line: string): string {
  return line
    .replace(/^(?:[EWN]: |Err:\d+ |dpkg: )/, "")
    .trim()
    .slice(0, 300);
}
