import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import { isOurs } from "./handles/pinned-directory.ts";

/** The kernel's own limit of links. */
const maxLinks = 40;

/**
 * Refuses a file that another user may change: by its owner, by its mode, or by those of a directory on the way to it.
 * sshd has the same rule (StrictModes in sshd_config(5)). A missing file is not refused: its reader reports it.
 * @throws MusterError `settings-writable-by-others`
 */
export function requireGuarded(path: string): void {
  const why = whoElseWrites(path);
  if (why === undefined) return;
  throw new MusterError({
    code: "settings-writable-by-others",
    message: `${path} is refused: ${why}`,
    hint: `Find out who changed it. Then give it to root alone: chown root:root FILE; chmod go-w FILE. ${documented}`,
  });
}

const documented = "docs/settings.md says which files and directories.";

/** Why other users may change the file; undefined if they may not, and without a file. */
export function whoElseWrites(path: string): string | undefined {
  const parts = partsOf(resolve(path));
  let links = 0;
  let here = "/";
  /** Why other users may make names in the directory that was entered last: there they can only rename their own. */
  let sticky: string | undefined;
  while (true) {
    const found = lstatSync(here, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) {
      if (!isOurs(found)) return `the link ${here} belongs to user ${found.uid}`;
      if ((links += 1) > maxLinks) return undefined;
      const target = readlinkSync(here);
      here = target.startsWith("/") ? "/" : dirname(here);
      parts.unshift(...partsOf(target));
    } else {
      const why = whyShared(found, here);
      const isPassed = found.isDirectory() && parts.length > 0;
      const isSticky = isPassed && isOurs(found) && (found.mode & 0o1000) !== 0;
      if (why !== undefined && !isSticky) return why;
      // The file may have been there before root wrote it: its own directory counts like the file.
      if (!isPassed) return found.isDirectory() ? undefined : sticky;
      sticky = why;
    }
    const part = parts.shift();
    if (part === undefined) return undefined;
    here = part === ".." ? dirname(here) : resolve(here, part);
  }
}

function whyShared(found: Stats, path: string): string | undefined {
  const what = found.isDirectory() ? `the directory ${path}` : path;
  if (!isOurs(found)) return `${what} belongs to user ${found.uid}`;
  if ((found.mode & 0o022) === 0) return undefined;
  const who = (found.mode & 0o002) === 0 ? `group ${found.gid}` : "every user";
  return `${what} may be written by ${who} (mode ${(found.mode & 0o7777).toString(8).padStart(4, "0")})`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
