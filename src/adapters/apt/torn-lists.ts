import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Files in apt's directory that are no index: its lock and `partial/`. */
const listsDirectory = "/var/lib/apt/lists";

/**
 * Removes empty index files. apt does not sync its downloads: a power cut soon after a refresh leaves empty files
 * beside an intact InRelease, and apt then takes the index for current without reading it. A removed file is downloaded
 * again; a file that is rightly empty costs one request.
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
