// Finds the demo among the processes: it leaves no file behind that could tell a lie later.
import { readdirSync, readFileSync } from "node:fs";

export interface RunningDemo {
  /** in-lab.ts; when it goes, everything goes. */
  runner: number;
  /** Process 1 of the instance, if that is up. */
  instance: number | undefined;
}

interface Process {
  pid: number;
  parent: number;
  args: string;
}

export function findDemo(): RunningDemo | undefined {
  const all = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0)
    .flatMap(readProcess);
  const runner = all.find(({ args }) => args.includes("scripts/in-lab.ts node scripts/demo/inside.ts"));
  if (!runner) return undefined;
  const below = (pid: number): Process[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  const nspawn = below(runner.pid).find(({ args }) => args.startsWith("systemd-nspawn "));
  return { runner: runner.pid, instance: all.find(({ parent }) => parent === nspawn?.pid)?.pid };
}

function readProcess(pid: number): Process[] {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    return [{ pid, parent, args }];
  } catch {
    // It ended while we looked.
    return [];
  }
}
