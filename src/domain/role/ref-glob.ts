import { matchesPath } from "../text/glob.ts";

/** A commit id, whole or abbreviated. Forty digits are always a commit, never a ref of that name. */
export function isCommitId(name: string): boolean {
  return /^[0-9a-f]{7,40}$/.test(name);
}

/**
 * Whether a branch or tag name fits a glob of the settings: `*` is any text without a slash, `**` any text,
 * `?` one character other than a slash; everything else means itself.
 */
export function matchesRefGlob(glob: string, name: string): boolean {
  return matchesPath(glob, name, "/");
}
