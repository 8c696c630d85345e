import { MusterError } from "../../domain/errors/errors.ts";
import { exec, type ExecResult } from "../host/exec.ts";
import { failureOf } from "./failure.ts";
import { environment, type Argv } from "./flavour.ts";

/** It may have to download an index that has not been read yet. */
const queryMs = 5 * 60_000;

/** Variables for what may fetch something: the proxies. */
export type Variables = Readonly<Record<string, string>>;

/** Asks something that changes nothing, however it ends. */
export function queryAny(
  argv: Argv,
  label: string,
  signal: AbortSignal,
  variables: Variables = {},
): Promise<ExecResult> {
  return exec({ argv, label, env: { ...environment, ...variables }, timeoutMs: queryMs, signal });
}

/**
 * Resolves a transaction without making it: the question is answered with no, which is exit 1 with these words.
 * @throws MusterError the failure to resolve it: `package-lock-held`, `package-fetch-failed` and the like;
 * `package-look-failed` for every other
 */
export async function query(argv: Argv, label: string, signal: AbortSignal, variables?: Variables): Promise<string> {
  const result = await queryAny(argv, label, signal, variables);
  const { outcome, code, stdout, stderr } = result;
  const answered = code === 0 || /^(?:Operation aborted|Exiting on user command)/m.test(stdout + stderr);
  if (outcome === "exited" && answered) return stdout;
  if (outcome === "exited") {
    const lines = [...stderr.split("\n"), ...stdout.split("\n")];
    const failure = failureOf({ what: label, exit: { kind: "exited", code }, lines, logFile: "/var/log/dnf.log" });
    if (failure.code !== "package-upgrade-failed") throw failure;
    throw lookFailed(failure.message);
  }
  throw lookFailed(`${label} ${outcome === "missing" ? "is not installed" : "did not end by itself"}`);
}

function lookFailed(what: string): MusterError {
  return new MusterError({
    code: "package-look-failed",
    message: `The state of the packages could not be told: ${what}`,
    hint: 'Run "dnf check" and "rpm --verifydb" on the instance: they say what is wrong with the repositories or rpm\'s database.',
    transient: true,
  });
}

/**
 * Whether rpm's database was left by a process that died in it (Berkeley DB, as RHEL 7 and Amazon Linux 2 have it): it
 * cannot be read until it is rebuilt.
 * @throws MusterError `package-look-failed` if rpm failed in another way
 */
export function isDatabaseTorn({ outcome, code, stderr }: ExecResult): boolean {
  if (outcome === "exited" && code === 0) return false;
  if (/DB_RUNRECOVERY|rpmdb open failed|Thread died in Berkeley DB/.test(stderr)) return true;
  throw lookFailed(`rpm ${outcome === "exited" ? `said "${stderr.trim().split("\n")[0]}"` : `is ${outcome}`}`);
}
