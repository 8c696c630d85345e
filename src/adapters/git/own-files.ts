import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../host/handles/replace-file.ts";

// What git obeys in a repository besides its objects, branches and tags: configuration, hooks, attributes, grafts,
// replacements, borrowed objects, caches that speak for objects. muster alone writes to the mirror, so
// before each use those files say what muster wrote, or are gone: also what an image, a restored backup or an older
// muster left.

const config = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tsymlinks = true\n\tbare = true\n";
const head = "ref: refs/heads/muster-none\n";

/** At the top: files, and directories of which only some content stays. */
const topFiles = /^(HEAD|config|packed-refs(\.new)?|FETCH_HEAD|gc\.(pid|log)|muster-(source|damaged)|.*\.lock)$/;
const topDirectories = ["objects", "refs", "info"];

/** What stays in the directories below. */
const kept: readonly (readonly [directory: string, isKept: (name: string) => boolean])[] = [
  ["info", (name) => name === "refs"],
  ["refs", (name) => name === "heads" || name === "tags"],
  ["objects/info", (name) => name === "packs" || name === "alternates"],
  // Bitmaps, the index over all packs and the promisor mark can each stand for wrong objects.
  ["objects/pack", (name) => !/^multi-pack-index|\.(bitmap|promisor)$/.test(name)],
];

/**
 * Resets the files that steer git in this directory; no-op without a repository.
 * @param lender the objects directory that the repository may borrow from, and no other; absent: none
 */
export async function makeOurs(directory: string, lender: string | undefined): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined);
  // Without objects it is no repository, for git too, and no file in it is ours to remove.
  if (entries === undefined || !entries.some(({ name }) => name === "objects")) return;
  for (const entry of entries) {
    const stays = entry.isDirectory()
      ? topDirectories.includes(entry.name)
      : entry.isFile() && topFiles.test(entry.name);
    if (!stays) await rm(join(directory, entry.name), { recursive: true, force: true });
  }
  for (const [name, isKept] of kept) await keepOnly(join(directory, name), isKept);
  await keepAlternates(join(directory, "objects/info/alternates"), lender === undefined ? undefined : `${lender}\n`);
  await keepText(join(directory, "config"), config);
  await keepText(join(directory, "HEAD"), head);
}

async function keepOnly(directory: string, isKept: (name: string) => boolean): Promise<void> {
  // A link would lead into another directory.
  if ((await lstat(directory).catch(() => undefined))?.isSymbolicLink() === true) await rm(directory);
  const names = await readdir(directory).catch((): string[] => []);
  for (const name of names) if (!isKept(name)) await rm(join(directory, name), { recursive: true, force: true });
}

async function keepAlternates(file: string, text: string | undefined): Promise<void> {
  const found = await textOf(file);
  if (found !== undefined && found !== text) await rm(file, { recursive: true, force: true });
}

async function keepText(file: string, text: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() === true && (await textOf(file)) === text) return;
  if (found !== undefined && !found.isFile()) await rm(file, { recursive: true, force: true });
  await replaceFile(file, text, { mode: 0o600 });
}

/** Undefined without a file; an unreadable file was not written here. */
async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: unknown) =>
    error instanceof Error && "code" in error && error.code === "ENOENT" ? undefined : "",
  );
}
