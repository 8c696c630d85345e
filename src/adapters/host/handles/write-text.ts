import { constants } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { isOurs, isShared, refusal, withDirectory } from "./pinned-directory.ts";
import { replaceFile } from "./replace-file.ts";

/**
 * Writes a text to a path that a user gave: over an existing file, with its mode; into a device or a pipe,
 * `/dev/stdout` among them; and through a link of root or this user.
 * @throws the file system's error; `ELOOP` for the link of another user
 */
export async function writeText(file: string, text: string): Promise<void> {
  const path = resolve(file);
  // Links that lead to open files, not to names.
  if (/^\/(?:dev|proc)\//.test(path)) return writeInto(path, text);
  const there = await lstat(path).catch(() => undefined);
  if (there?.isSymbolicLink() !== true) return writeOver(path, text);
  if (!isOurs(there)) throw refusal("ELOOP", `a symbolic link of another user is not followed, '${path}'`);
  const target = await realpath(path);
  return /^\/(?:dev|proc)\//.test(target) ? writeInto(target, text) : writeOver(target, text);
}

async function writeOver(path: string, text: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return replaceFile(path, text);
  if (there.isDirectory()) throw refusal("EISDIR", `it is a directory, '${path}'`);
  if (there.isFile() || there.isSymbolicLink()) return replaceFile(path, text, { mode: there.mode & 0o777 });
  await withDirectory(dirname(path), undefined, async (directory) => {
    const isTrusted = isOurs(there) || !isShared(directory.path);
    if (!isTrusted) throw refusal("EPERM", `it is a pipe or device of another user, '${path}'`);
    await writeInto(`${directory.path}/${basename(path)}`, text, constants.O_NOFOLLOW);
  });
}

/** Appended: a shell has emptied the file already, unless it was told to append. */
async function writeInto(path: string, text: string, flags = 0): Promise<void> {
  const handle = await open(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | flags);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
