import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { MusterError } from "../../domain/errors/errors.ts";
import { programPath, programs } from "../../domain/settings/paths.ts";
import { createReportGate } from "../../lib/async/report.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LockHolder, RunLock } from "../../ports/run-lock.ts";
import { openOwnFile } from "./handles/own-file.ts";

const pollMs = 250;

/** The run lock as flock(2) on a file: the kernel releases it when its holder dies. */
export function createRunLock(path: string, clock: Clock): RunLock {
  return {
    async acquire(what, waitMs, signal, onWait) {
      const descriptor = openLock(path);
      try {
        const deadline = clock.monotonicMs() + waitMs;
        const reported = createReportGate<string>();
        while (!tryLock(descriptor)) {
          const holder = readHolder(path);
          if (clock.monotonicMs() >= deadline) throw lockHeld(holder);
          if (reported.isNew(JSON.stringify([holder?.pid, holder?.what]))) onWait(holder);
          await clock.sleep(pollMs, signal);
        }
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
      writeHolder(descriptor, { pid: process.pid, what, since: clock.now().toISOString() });
      return {
        async release() {
          closeSync(descriptor);
        },
      };
    },
  };
}

/**
 * The present holder of the lock; `"nobody"` if it is free, and undefined if that cannot be found out. Takes no lock.
 */
export function lockHolder(path: string): LockHolder | "nobody" | undefined {
  try {
    const descriptor = openSync(path, "r");
    try {
      return tryLock(descriptor) ? "nobody" : readHolder(path);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    // /run is empty after a boot.
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? "nobody" : undefined;
  }
}

function openLock(path: string): number {
  try {
    // A user who may read the file may lock it.
    return openOwnFile(path, { file: 0o600, directory: 0o700 });
  } catch (error) {
    throw new MusterError({
      code: "lock-failed",
      message: `Cannot open the run lock: ${error instanceof Error ? error.message : String(error)}`,
      hint: "Check that muster runs as root and that /run is writable.",
      cause: error,
    });
  }
}

/**
 * Neither runtime has flock(2), so flock(1) locks the open file description that it inherits as its descriptor 3; the
 * lock is ours as long as our descriptor lives.
 */
function tryLock(descriptor: number): boolean {
  const result = spawnSync(programs.flock, ["--exclusive", "--nonblock", "3"], {
    stdio: ["ignore", "ignore", "ignore", descriptor],
    env: { PATH: programPath },
    timeout: 10_000,
  });
  if (result.status === 0) return true;
  if (result.status === 1) return false;
  throw new MusterError({
    code: "lock-failed",
    message: `Cannot take the run lock: ${result.error?.message ?? `flock exited with ${result.status}`}`,
    hint: "The program flock (package util-linux) has to be installed.",
    cause: result.error,
  });
}

/** The text for waiting processes. The lock holds without it: a full /run does not stop the work. */
function writeHolder(descriptor: number, holder: LockHolder): void {
  try {
    ftruncateSync(descriptor, 0);
    writeSync(descriptor, `${JSON.stringify(holder)}\n`);
  } catch {
    // Waiting processes then see "another run".
  }
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is LockHolder {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "what" in value &&
    typeof value.what === "string" &&
    "since" in value &&
    typeof value.since === "string"
  );
}

function lockHeld(holder: LockHolder | undefined): MusterError {
  const who =
    holder === undefined ? "another process" : `"${holder.what}" (process ${holder.pid}, since ${holder.since})`;
  return new MusterError({
    code: "lock-held",
    message: `Another run holds the lock: ${who}`,
    hint: "Wait for it (muster status --wait), or give more time with --lock-wait.",
    transient: true,
  });
}
