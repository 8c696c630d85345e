import { chmodSync, chownSync, closeSync, constants, fstatSync, openSync } from "node:fs";
import { basename, dirname } from "node:path";
import { inDirectory, isOurs, O_PATH, refusal } from "./pinned-directory.ts";

/** Which users may use a file, a directory or a socket. */
export type Access = { readonly mode: number; readonly group?: number };

/**
 * Sets the group, then the mode, of a file that this user or root owns. It works on a handle: a replacement of the file
 * meanwhile is not touched. A link is refused.
 * @throws the file system's error
 */
export function setAccess(path: string, { mode, group }: Access): void {
  inDirectory(dirname(path), undefined, (directory) => {
    const descriptor = openSync(`${directory.path}/${basename(path)}`, O_PATH | constants.O_NOFOLLOW);
    try {
      const found = fstatSync(descriptor);
      if (found.isSymbolicLink()) throw refusal("ELOOP", `it is a symbolic link, '${path}'`);
      if (!isOurs(found)) throw refusal("EPERM", `it belongs to another user, '${path}'`);
      // fchmod(2) does not accept such a handle, and a socket has no other.
      const handle = `/proc/self/fd/${descriptor}`;
      if (group !== undefined) chownSync(handle, found.uid, group);
      chmodSync(handle, mode);
    } finally {
      closeSync(descriptor);
    }
  });
}
