import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readBootId } from "./boot-id.ts";

// Process numbers repeat with every boot.
const boot = readBootId();
const own = `.${process.pid}.${boot}.${randomUUID()}.`;

/** A name in the directory for a file that will be renamed. It cannot be guessed, even with the former one. */
export function temporaryIn(directory: string): string {
  return join(directory, `${own}${randomUUID()}.tmp`);
}

/** Removes the files of processes that died before they could rename them. */
export async function removeOrphans(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, pid, ofBoot] = /^\.(\d+)\.([^.]*)\..*tmp$/.exec(name) ?? [];
    if (pid === undefined || name.startsWith(own)) continue;
    const isDead = ofBoot !== boot || Number(pid) === process.pid || !lives(Number(pid));
    if (isDead) await rm(join(directory, name), { force: true });
  }
}

/** Whether a process of this number exists. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and belongs to another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
