import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { temporaryIn } from "../temporary-files.ts";
import { pinDirectory, withDirectory } from "./pinned-directory.ts";

/** How a file replaces the former one. */
export type Replacement = {
  /** Exactly this mode, independent of the umask; absent: 0666 less the umask, as for a shell's `>`. */
  readonly mode?: number;
  /** Whether file and name are on disk when this resolves; absent: when the kernel writes them. */
  readonly durable?: boolean;
  /** The mode for missing directories, which are then made; absent: a missing directory is an error. */
  readonly directoryMode?: number;
  /** The directory of the temporary file; absent: beside the file. On the same file system. */
  readonly through?: string;
};

/** All of it, or in parts as they come. */
type Content = string | Uint8Array | AsyncIterable<Uint8Array>;

const anew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Replaces a file: readers see the old one or the new one, never a part, and never a file that another user put there,
 * even in a directory that others can write. A link in the file's place is replaced, not followed.
 * @throws the file system's error
 */
export async function replaceFile(path: string, content: Content, how: Replacement = {}): Promise<void> {
  await withDirectory(dirname(path), how.directoryMode, async (directory) => {
    const aside = how.through === undefined ? directory : pinDirectory(how.through);
    try {
      const temporary = temporaryIn(aside.path);
      try {
        await fill(temporary, content, how);
        await rename(temporary, `${directory.path}/${basename(path)}`);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    } finally {
      if (aside !== directory) aside.close();
    }
    if (how.durable === true) await syncNames(directory.path);
  });
}

async function fill(temporary: string, content: Content, { mode, durable }: Replacement): Promise<void> {
  const file = await open(temporary, anew, mode === undefined ? 0o666 : 0o600);
  try {
    if (mode !== undefined) await file.chmod(mode);
    if (typeof content === "string" || content instanceof Uint8Array) await file.writeFile(content);
    else for await (const part of content) await file.writeFile(part);
    if (durable === true) await file.sync();
  } finally {
    await file.close();
  }
}

async function syncNames(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
