import { readFile, stat } from "node:fs/promises";

/** The locks of apt and dpkg. `DPkg::Lock::Timeout` waits for the first two only. */
export const dpkgLocks = ["/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock"] as const;
export const listLocks = ["/var/lib/apt/lists/lock"] as const;

/**
 * Who holds one of these locks now, from the kernel's own list (proc_locks(5)): nothing is started and
 * nothing is locked to find out.
 * @returns as `process 12 (apt-get), which holds /var/lib/dpkg/lock`; undefined when all are free
 */
export async function holderOfLocks(files: readonly string[]): Promise<string | undefined> {
  const held = parseLocks(await readFile("/proc/locks", "utf8").catch(() => ""));
  if (held.length === 0) return undefined;
  for (const file of files) {
    const inode = await stat(file).then(
      ({ ino }) => ino,
      () => undefined,
    );
    const lock = held.find((lock) => lock.inode === inode);
    if (lock !== undefined) return `${await nameOf(lock.pid)}, which holds ${file}`;
  }
  return undefined;
}

/**
 * Write locks and their owners. A process that cannot be seen from here has a pid of 0 or less.
 *
 * `1: POSIX  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`. The device is left out of the comparison: on an overlay
 * the kernel names another one than stat does, and no two of these files share an inode number by chance.
 */
export function parseLocks(text: string): readonly { readonly pid: number; readonly inode: number }[] {
  return [...text.matchAll(/^\d+: (?:POSIX|OFDLCK) +ADVISORY +WRITE (-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm)].map(
    ([, pid, inode]) => ({ pid: Number(pid), inode: Number(inode) }),
  );
}

async function nameOf(pid: number): Promise<string> {
  if (pid <= 0) return "a process out of sight";
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name === "" ? `process ${pid}` : `process ${pid} (${name.trim()})`;
}
