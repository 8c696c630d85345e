import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** A held flock(2). It dies with this process, however that ends. */
export interface Lock {
  release: () => void;
}

type Mode = "shared" | "exclusive";

/**
 * Takes the lock, or returns nothing at once when another process holds it. flock(1) locks our own
 * descriptor, so the lock outlives that command and belongs to us.
 */
export function tryLock(path: string, mode: Mode): Lock | undefined {
  return take(path, ["--nonblock"], mode);
}

/** Takes the lock, waiting at most `seconds`; `waiting` is called once if there is a wait. */
export function lock(path: string, mode: Mode, seconds: number, waiting?: () => void): Lock {
  const atOnce = tryLock(path, mode);
  if (atOnce) return atOnce;
  waiting?.();
  const taken = take(path, ["--wait", String(seconds)], mode);
  if (taken) return taken;
  throw new Error(`${path} is still locked by another process after ${seconds} s`);
}

function take(path: string, how: string[], mode: Mode): Lock | undefined {
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, "a");
  const { status } = spawnSync("flock", [`--${mode}`, ...how, "3"], {
    stdio: ["ignore", "ignore", "inherit", descriptor],
  });
  if (status === 0) return { release: () => closeSync(descriptor) };
  closeSync(descriptor);
  return undefined;
}
