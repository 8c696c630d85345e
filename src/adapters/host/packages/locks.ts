import { readFile, stat } from "node:fs/promises";

/**
 * The process that holds one of these locks now, found without starting a process or taking a lock. A file that ends in
 * `.pid` contains the process id of its holder (dnf 4); that of a dead process does not count. Every other file is
 * looked up in the kernel's own list (proc_locks(5)).
 * @returns as `process 12 (apt-get), which holds /var/lib/dpkg/lock`; undefined if all are free
 */
export async function holderOfLocks(files: readonly string[]): Promise<string | undefined> {
  const held = parseLocks(await readFile("/proc/locks", "utf8").catch(() => ""));
  for (const file of files) {
    const pid = file.endsWith(".pid") ? await pidIn(file) : await holderIn(held, file);
    if (pid !== undefined) return `${await nameOf(pid)}, which holds ${file}`;
  }
  return undefined;
}

async function pidIn(file: string): Promise<number | undefined> {
  const pid = Number.parseInt(await readFile(file, "utf8").catch(() => ""), 10);
  if (!(pid > 0)) return undefined;
  return stat(`/proc/${pid}`).then(
    () => pid,
    () => undefined,
  );
}

async function holderIn(held: readonly KernelLock[], file: string): Promise<number | undefined> {
  if (held.length === 0) return undefined;
  const inode = await stat(file).then(
    ({ ino }) => ino,
    () => undefined,
  );
  return held.find((lock) => lock.inode === inode)?.pid;
}

type KernelLock = { readonly pid: number; readonly inode: number };

/**
 * Write locks and their owners. A process that is not visible here has a pid of 0 or less. `1: POSIX  ADVISORY  WRITE
 * 1234 fe:00:5678 0 EOF`. The device is not compared: on an overlay the kernel names another one than stat does, and no
 * two of these files share an inode number by chance.
 */
export function parseLocks(text: string): readonly KernelLock[] {
  return [...text.matchAll(/^\d+: (?:POSIX|OFDLCK) +ADVISORY +WRITE (-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /gm)].map(
    ([, pid, inode]) => ({ pid: Number(pid), inode: Number(inode) }),
  );
}

async function nameOf(pid: number): Promise<string> {
  if (pid <= 0) return "a process out of sight";
  const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
  return name === "" ? `process ${pid}` : `process ${pid} (${name.trim()})`;
}
