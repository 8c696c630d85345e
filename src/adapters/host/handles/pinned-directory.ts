// This folder is the only one that makes files and changes their modes; lint keeps the calls for it out of the rest of
// src. The owner of a directory can put a link in the place of any name in it, at any moment. So everything here works on
// open handles. Node has no openat(2), but a path through /proc/self/fd/N means the same: it leads to the directory that
// was opened, wherever its name leads by now.
import {
  chmodSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";

/** A directory that stays open. */
export type PinnedDirectory = {
  /** A path to the directory, until it is closed. */
  readonly path: string;
  close(): void;
};

/**
 * Linux, open(2): a handle for paths, fstat and nothing else, so it needs no permission to read. Node has no name for
 * it.
 */
export const O_PATH = 0o10_000_000;

const asDirectory = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The kernel's own limit of links. */
const maxLinks = 40;

/**
 * Opens a directory part by part. A symbolic link is followed only if root or this user made it: with a link, another
 * user could redirect a write of root.
 * @param made the mode for missing directories, which are then made; absent: a missing one is an error
 * @throws the file system's error; `ELOOP` for the link of another user
 */
export function pinDirectory(path: string, made?: number): PinnedDirectory {
  const parts = partsOf(resolve(path));
  let links = 0;
  let at = openSync("/", asDirectory);
  let here = "/";
  try {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const next = enter(at, part, made);
      if (typeof next === "number") {
        closeSync(at);
        at = next;
        here = part === ".." ? dirname(here) : resolve(here, part);
        continue;
      }
      if ((links += 1) > maxLinks) throw refusal("ELOOP", "too many symbolic links");
      parts.unshift(...partsOf(next.target));
      if (!next.target.startsWith("/")) continue;
      closeSync(at);
      at = openSync("/", asDirectory);
      here = "/";
    }
  } catch (error) {
    closeSync(at);
    throw named(error, pathOf(at), here);
  }
  const descriptor = at;
  return { path: pathOf(descriptor), close: () => closeSync(descriptor) };
}

/** Gives the work a pinned directory; errors name the directory instead of the handle. */
export async function withDirectory<T>(
  path: string,
  made: number | undefined,
  work: (directory: PinnedDirectory) => Promise<T>,
): Promise<T> {
  const directory = pinDirectory(path, made);
  try {
    return await work(directory);
  } catch (error) {
    throw named(error, directory.path, path);
  } finally {
    directory.close();
  }
}

/** `withDirectory` for synchronous callers. */
export function inDirectory<T>(path: string, made: number | undefined, work: (directory: PinnedDirectory) => T): T {
  const directory = pinDirectory(path, made);
  try {
    return work(directory);
  } catch (error) {
    throw named(error, directory.path, path);
  } finally {
    directory.close();
  }
}

/** An error in the form of those of the file system. */
export function refusal(code: string, words: string): Error {
  return Object.assign(new Error(`${code}: ${words}`), { code });
}

/** Whether root or this user owns it: then a replacement gains another user nothing. */
export function isOurs({ uid }: { readonly uid: number | bigint }): boolean {
  return Number(uid) === 0 || Number(uid) === process.geteuid?.();
}

/** Whether another user may make names in the directory. */
export function isShared(directory: string): boolean {
  const found = statSync(directory);
  return !isOurs(found) || (found.mode & 0o022) !== 0;
}

/** Opens the part, or returns the target of a link. */
function enter(at: number, part: string, made: number | undefined): number | { readonly target: string } {
  const path = `${pathOf(at)}/${part}`;
  try {
    return openSync(path, asDirectory);
  } catch (error) {
    if (codeOf(error) === "ENOENT" && made !== undefined) return make(path, made);
    if (codeOf(error) !== "ENOTDIR" && codeOf(error) !== "ELOOP") throw error;
    const target = targetOf(path);
    if (target === undefined) throw error;
    return { target };
  }
}

/** With exactly this mode, independent of the umask. Another process may make it at the same time. */
function make(path: string, mode: number): number {
  try {
    mkdirSync(path, { mode: mode & 0o700 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return openSync(path, asDirectory);
  }
  const directory = openSync(path, asDirectory);
  // The name may lead to another directory by now, whose mode must not change.
  const handle = pathOf(directory);
  if (isOurs(statSync(handle)) && readdirSync(handle).length === 0) chmodSync(handle, mode);
  return directory;
}

/** The target of a link that may be followed; undefined without a link. */
function targetOf(path: string): string | undefined {
  const before = lstatSync(path, { bigint: true });
  if (!before.isSymbolicLink()) return undefined;
  if (!isOurs(before)) throw refusal("ELOOP", `a symbolic link of another user is not followed, '${path}'`);
  const target = readlinkSync(path);
  const after = lstatSync(path, { bigint: true });
  if (after.ino !== before.ino || after.ctimeNs !== before.ctimeNs) throw refusal("ELOOP", `'${path}' keeps changing`);
  return target;
}

function named(error: unknown, handle: string, path: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replaceAll(`${handle}/`, path === "/" ? "/" : `${path}/`).replaceAll(handle, path);
  return error;
}

function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
