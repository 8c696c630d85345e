import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Of this process: the number alone may be that of another one, before a reboot. */
const own = `.${process.pid}.${randomUUID()}.`;
let made = 0;

/** A name in the directory that nobody else takes, for a file that will be renamed. */
export function temporaryIn(directory: string): string {
  made += 1;
  return join(directory, `${own}${made}.tmp`);
}

/** Removes what processes that died before they could rename it left in the directory. */
export async function removeOrphans(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, pid] = /^\.(\d+)\..*\.tmp$/.exec(name) ?? [];
    if (pid === undefined || name.startsWith(own)) continue;
    if (Number(pid) === process.pid || !lives(Number(pid))) await rm(join(directory, name), { force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and is somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
