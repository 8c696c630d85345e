import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where apt keeps the index, its lock and `partial/` besides. */
const listsDirectory = "/var/lib/apt/lists";

/**
 * Removes index files without content. apt does not sync what it downloads: a power cut soon after a refresh
 * leaves the files empty beside an intact InRelease, and from then on apt takes the index for current without
 * ever looking into it. A file that is gone is downloaded again; one that is empty by right costs a request.
 */
export async function removeTornLists(directory = listsDirectory): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (name === "lock") continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true && found.size === 0) await rm(path, { force: true });
  }
}
