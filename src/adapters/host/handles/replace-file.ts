import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { temporaryIn } from "../temporary-files.ts";
import { pinDirectory, withDirectory } from "./pinned-directory.ts";

/** How a file takes the place of what was there. */
export type Replacement = {
  /** Exactly this, whatever the umask is; absent: 0666 less the umask, as for a shell's `>`. */
  readonly mode?: number;
  /** Whether it is on disk, name and all, when this resolves; absent: whenever the kernel writes it. */
  readonly durable?: boolean;
  /** The mode of directories that are missing, which are then made; absent: a missing directory is an error. */
  readonly directoryMode?: number;
  /** Where the temporary file lies; absent: beside the file. A directory of the same file system. */
  readonly through?: string;
};

const anew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * Puts a file in place: the old one or the new one, never a part, and never another file than the one that was made
 * here, also in a directory that others may write in. A link in the file's place is replaced, not followed.
 * @throws what the file system says
 */
export async function replaceFile(path: string, content: string | Uint8Array, how: Replacement = {}): Promise<void> {
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

async function fill(temporary: string, content: string | Uint8Array, { mode, durable }: Replacement): Promise<void> {
  const file = await open(temporary, anew, mode === undefined ? 0o666 : 0o600);
  try {
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(content);
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
