import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inDirectory, isOurs, isShared, refusal } from "./pinned-directory.ts";

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** A pipe in the file's place answers at once. */
const toAppend = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;

export type OwnModes = {
  readonly file: number;
  /** The mode for missing directories, which are then made; absent: a missing directory is an error. */
  readonly directory?: number;
};

/**
 * Opens a file for reading and appending, and makes a missing one: a plain file of root or this user, which is no link
 * and has no second name in a directory of other users.
 * @returns the descriptor
 * @throws the file system's error
 */
export function openOwnFile(path: string, modes: OwnModes): number {
  return inDirectory(dirname(path), modes.directory, (directory) => {
    const descriptor = openSync(`${directory.path}/${basename(path)}`, toAppend, modes.file);
    try {
      const found = fstatSync(descriptor);
      if (!found.isFile()) throw refusal("EINVAL", `it is no plain file, '${path}'`);
      if (!isOurs(found)) throw refusal("EPERM", `it is the file of another user, '${path}'`);
      // For example a second name of /etc/shadow, in a directory that another user can write.
      if (found.nlink > 1 && isShared(directory.path)) throw refusal("EPERM", `it has a second name, '${path}'`);
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  });
}

/** `openOwnFile` for callers that write without blocking. */
export async function openOwnHandle(path: string, modes: OwnModes): Promise<FileHandle> {
  const descriptor = openOwnFile(path, modes);
  try {
    return await open(`/proc/self/fd/${descriptor}`, O_RDWR | O_APPEND);
  } finally {
    closeSync(descriptor);
  }
}
