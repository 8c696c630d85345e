import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** About twenty runs; a run writes two or three. */
const keep = 60;

/**
 * Removes the oldest logs of units from a directory, all but a fixed number. Other files stay, and so do logs of the
 * same run: they are read again, and look old if the clock was put back.
 * @param unit the unit that is about to write one
 */
export async function pruneLogs(directory: string, unit: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const logs = names.filter((name) => /^muster-.*\.log$/.test(name));
  if (logs.length <= keep) return;
  const aged = await Promise.all(logs.map(async (name) => ({ name, at: await modifiedAt(join(directory, name)) })));
  const oldest = aged.toSorted((one, other) => other.at - one.at).slice(keep);
  for (const { name } of oldest) {
    if (runOf(name) !== runOf(unit)) await rm(join(directory, name), { force: true });
  }
}

/** `0007-c32a` of `muster-0007-c32a-patch-upgrade`. */
function runOf(name: string): string | undefined {
  return /^muster-(\d+-[0-9a-f]+)-/.exec(name)?.[1];
}

async function modifiedAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return 0;
  }
}
