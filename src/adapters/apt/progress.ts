import type { PackageChange } from "../../ports/package-manager.ts";
import type { Progress } from "../host/packages/transactions.ts";

/** @returns undefined for a line without news */
export function progressOf(line: string): Progress | undefined {
  const lock = lockHolderIn(line);
  if (lock !== undefined) return { kind: "waiting", text: `waiting for ${lock.holder}, which holds ${lock.file}` };
  const text = doingOf(line);
  return text === undefined ? undefined : { kind: "doing", text };
}

function doingOf(line: string): string | undefined {
  // Get:3 http://deb.debian.org/debian bookworm/main amd64 nginx amd64 1.22.1-9 [527 kB]
  const fetched = /^Get:\d+ \S+ \S+ \S+ (\S+) \S+ (\d\S*) \[/.exec(line);
  if (fetched !== null) return `downloading ${fetched[1]} ${fetched[2]}`;
  // Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]
  const index = /^(?:Get|Hit):\d+ (\S+) (\S+) /.exec(line);
  if (index !== null) return `reading the index of ${index[1]} ${index[2]}`;
  const step = /^(Unpacking|Setting up|Processing triggers for) (\S+) \(([^)]+)\)/.exec(line);
  if (step !== null) return `${(step[1] ?? "").toLowerCase()} ${step[2]} ${step[3]}`;
  return undefined;
}

/** The process that holds a lock, in the words of apt's or dpkg's complaint; undefined for any other line. */
export function lockHolderIn(line: string): { readonly file: string; readonly holder: string } | undefined {
  // Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (unattended-upgr)
  const apt = /Could not get lock (\/\S*?[^\s.])\.?(?: It is held by process (\d+)(?: \(([^)]*)\))?| - open|\s|$)/.exec(
    line,
  );
  if (apt !== null) return { file: apt[1] ?? "", holder: holderOf(apt[2], apt[3]) };
  // dpkg: error: dpkg frontend lock was locked by another process with pid 1234
  const dpkg = /dpkg (?:frontend|database) lock was locked by another process(?: with pid (\d+))?/.exec(line);
  if (dpkg !== null) return { file: "dpkg's lock", holder: holderOf(dpkg[1], undefined) };
  return undefined;
}

function holderOf(pid: string | undefined, name: string | undefined): string {
  if (pid === undefined) return "another process";
  return name === undefined ? `process ${pid}` : `process ${pid} (${name})`;
}

/**
 * The changes of the transactions in a log. `Unpacking nginx (1.22.1-9+deb12u2) over (1.22.1-9) ...`, `Unpacking
 * libnew:amd64 (2.0) ...`. A package that was unpacked twice (an interrupted transaction) is one change, from the first
 * version to the last. A package that is only set up (`Setting up nginx (1.22.1-9) ...`) was unpacked by a transaction
 * whose log was lost in a power cut.
 */
export function changesIn(log: string): readonly PackageChange[] {
  const changes = new Map<string, PackageChange & { readonly unpacked: boolean }>();
  for (const [, verb, name = "", to = "", over] of log.matchAll(
    /^(Unpacking|Setting up) (\S+) \(([^)\n]+)\)(?: over \(([^)\n]+)\))? \.\.\.$/gm,
  )) {
    const known = changes.get(name);
    const unpacked = verb === "Unpacking";
    if (!unpacked && known !== undefined) continue;
    const from = known?.unpacked === true ? known.from : over;
    changes.set(name, { name, to, unpacked, ...(from === undefined ? {} : { from }) });
  }
  return [...changes.values()].filter(({ from, to }) => from !== to).map(({ unpacked: _, ...change }) => change);
}
