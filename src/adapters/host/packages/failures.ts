// The common failures of all package managers.
import { MusterError } from "../../../domain/errors/errors.ts";
import type { UnitExit } from "../../../ports/unit-runner.ts";

/** A transaction that did not succeed. */
export type Failed = {
  /** As `apt-get update`. */
  readonly what: string;
  readonly exit: UnitExit;
  /** Its output. */
  readonly lines: readonly string[];
  readonly logFile: string;
};

/**
 * @param holder as `process 12 (apt-get), which holds /var/lib/dpkg/lock`
 * @param usual the usual holder
 */
export function lockHeld(what: string, holder: string, usual: string): MusterError {
  return new MusterError({
    code: "package-lock-held",
    message: `${what} could not begin because of ${holder}`,
    hint: `Wait until that process is done, or find out what it waits for; ${usual}.`,
    transient: true,
  });
}

/** It was stopped because it no longer did anything. */
export function stoodStill(what: string, logFile: string): MusterError {
  return new MusterError({
    code: "package-fetch-failed",
    message: `${what} stood still and was stopped: for two minutes it neither printed nor stored anything`,
    hint: `See that disks are not full ("df /var"); what it printed is in ${logFile}.`,
    transient: true,
  });
}

export function isLockHeld(error: unknown): boolean {
  return error instanceof MusterError && error.code === "package-lock-held";
}

/** @param last the decisive line, without the package manager's marks */
export function upgradeFailed({ what, exit, logFile }: Failed, last: string | undefined): MusterError {
  return new MusterError({
    code: "package-upgrade-failed",
    message: `${what} ${endOf(exit)}${last === undefined || exit.kind !== "exited" ? "" : `: ${last}`}`,
    hint: `All that it printed is in ${logFile}.`,
    transient: exit.kind !== "exited",
  });
}

function endOf(exit: UnitExit): string {
  switch (exit.kind) {
    case "exited":
      return `failed with exit code ${exit.code}`;
    case "killed":
      return `was killed by ${exit.signal}`;
    case "timed-out":
      return "took longer than it may and was stopped";
    case "lost":
      return `did not end by itself: ${exit.why}`;
  }
}

export function findLine(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.find((line) => pattern.test(line));
}
