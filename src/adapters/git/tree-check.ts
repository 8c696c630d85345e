import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { isOurs } from "../host/handles/pinned-directory.ts";
import type { TreeEntry } from "./tree-entry.ts";

// Compares a directory with a commit, by the bytes alone: no index, time stamp or attribute can pretend that a file is
// unchanged.

/** The most files that are read at the same time. */
const atOnce = 8;

/**
 * Whether every file, link and directory is there as in the commit, and no other. A file that attributes convert
 * (`eol=crlf`, `ident`) never is.
 */
export async function holdsTree(directory: string, entries: readonly TreeEntry[]): Promise<boolean> {
  const expected = new Map(entries.map((entry) => [entry.path, entry]));
  const folders = new Set(entries.flatMap(({ path }) => parentsOf(path)));
  const found: { readonly path: string; readonly stats: Stats }[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (!isFolder(await statsOf(join(directory, folder)))) return false;
    for (const name of await readdir(join(directory, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (folders.has(path)) waiting.push(path);
      else if (expected.has(path)) found.push({ path, stats: await lstat(join(directory, path)) });
      else return false;
    }
  }
  if (found.length !== expected.size) return false;
  for (let index = 0; index < found.length; index += atOnce) {
    const some = found.slice(index, index + atOnce).map(async ({ path, stats }) => {
      const entry = expected.get(path);
      return entry !== undefined && (await isEntry(join(directory, path), stats, entry));
    });
    if ((await Promise.all(some)).includes(false)) return false;
  }
  return true;
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join("/"));
}

async function statsOf(path: string): Promise<Stats | undefined> {
  return lstat(path).catch(() => undefined);
}

function isFolder(stats: Stats | undefined): boolean {
  return stats?.isDirectory() === true && isOurs(stats) && (stats.mode & 0o002) === 0;
}

async function isEntry(path: string, stats: Stats, entry: TreeEntry): Promise<boolean> {
  switch (entry.mode) {
    case "160000":
      // A submodule: an empty directory.
      return isFolder(stats) && (await readdir(path)).length === 0;
    case "120000":
      return stats.isSymbolicLink() && blobId(Buffer.from(await readlink(path))) === entry.id;
    default: {
      const isRunnable = (stats.mode & 0o100) !== 0;
      const isPlain = stats.isFile() && isOurs(stats) && (stats.mode & 0o6002) === 0;
      if (!isPlain || isRunnable !== (entry.mode === "100755")) return false;
      return (await fileId(path, stats.size)) === entry.id;
    }
  }
}

function blobId(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

async function fileId(path: string, size: number): Promise<string> {
  const hash = createHash("sha1").update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}
