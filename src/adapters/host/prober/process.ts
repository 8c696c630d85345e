import { readdir, readFile, readlink } from "node:fs/promises";
import { basename, join } from "node:path";
import type { CheckTarget } from "../../../domain/health/check.ts";
import type { Seen } from "./seen.ts";

/** Counts the processes of that name; those that are dead and not yet buried do not count. */
export async function probeProcess(target: CheckTarget<"process">, procDirectory: string): Promise<Seen> {
  const names = await readdir(procDirectory);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const matches = await Promise.all(pids.map((pid) => isCalled(target.name, join(procDirectory, pid))));
  const count = matches.filter((match) => match).length;
  const ok = count >= target.min && count <= (target.max ?? Infinity);
  return { ok, seen: count === 0 ? "none" : String(count) };
}

async function isCalled(name: string, directory: string): Promise<boolean> {
  try {
    const stat = await readFile(join(directory, "stat"), "utf8");
    // `12 (name) S …`: the name may hold parentheses and spaces.
    const end = stat.lastIndexOf(")");
    if (/^ [ZX]/.test(stat.slice(end + 1))) return false;
    if (stat.slice(stat.indexOf("(") + 1, end) === name) return true;
    const program = await readlink(join(directory, "exe"));
    // The kernel's mark for a program that an upgrade has replaced.
    return basename(program.replace(/ \(deleted\)$/, "")) === name;
  } catch {
    // It ended meanwhile, or is a thread of the kernel: those have no program.
    return false;
  }
}
