import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory, syncDirectory } from "../host/state-files.ts";
import { waitForLock } from "./git.ts";
import { lockOf, mirrorFailure, syncTree } from "./mirror.ts";
import type { Mirror } from "./mirror.ts";
import { treeOf } from "./read.ts";
import { holdsTree } from "./tree-check.ts";

// A worktree is DIRECTORY/COMMIT/tree. Each time it is used it is compared with the commit itself. Not `git worktree
// add`: that writes half of its state into the mirror, and a `.git` file into a tree that holds code of the repo.

/** ConfigRepo.checkout. */
export async function checkOut(
  mirror: Mirror,
  directory: string,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  const final = join(directory, commit);
  if (await isIntact(mirror, final, commit, signal)) return join(final, "tree");
  await makeDirectory(directory);
  await waitForLock(lockOf(mirror), signal);
  const fresh = join(directory, `.new-${commit}`);
  const old = join(directory, `.old-${commit}`);
  await removeAll([fresh, old]);
  await fill(mirror, fresh, commit, signal);
  await syncTree(fresh, signal);
  await rename(final, old).catch(ignoreMissing);
  await rename(fresh, final);
  await syncDirectory(directory);
  await removeAll([old]);
  return join(final, "tree");
}

/** ConfigRepo.prune, for worktrees: all except those of these commits, and the left-overs of a kill. */
export async function pruneWorktrees(directory: string, keep: readonly string[]): Promise<void> {
  const names = await readdir(directory).catch((): string[] => []);
  await removeAll(names.filter((name) => !keep.includes(name)).map((name) => join(directory, name)));
}

async function fill(mirror: Mirror, place: string, commit: string, signal: AbortSignal): Promise<void> {
  await mkdir(join(place, "tree"), { recursive: true, mode: 0o700 });
  const result = await mirror.git.run({
    gitDir: mirror.directory,
    workTree: join(place, "tree"),
    indexFile: join(place, "index"),
    args: ["read-tree", "--reset", "-u", commit],
    signal,
    timeoutMs: 300_000,
    lockFile: lockOf(mirror),
  });
  if (result.code !== 0) throw await mirrorFailure(mirror, `checking out ${commit.slice(0, 12)}`, result);
  await rm(join(place, "index"), { force: true });
}

/**
 * Whether every file is as in the commit, and no other is there. A file that attributes convert (CRLF, `ident`) looks
 * changed although it is not: then the worktree is checked out again.
 */
async function isIntact(mirror: Mirror, place: string, commit: string, signal: AbortSignal): Promise<boolean> {
  const names = await readdir(place).catch((): string[] => []);
  if (!names.includes("tree")) return false;
  return holdsTree(join(place, "tree"), await treeOf(mirror, commit, signal));
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { recursive: true, force: true });
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
}
