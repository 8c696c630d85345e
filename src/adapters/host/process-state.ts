import { readdirSync, readFileSync } from "node:fs";
import type { ProcessState } from "../../domain/instance/daemon-failure.ts";

/** The state of a process, by proc(5); undefined without one. Any of its threads may be the one that waits. */
export function processState(pid: number, procDirectory = "/proc"): ProcessState | undefined {
  try {
    const directory = `${procDirectory}/${pid}`;
    if (/[Tt]/.test(stateIn(`${directory}/stat`))) return "stopped";
    const threads = readdirSync(`${directory}/task`);
    return threads.some((thread) => stateIn(`${directory}/task/${thread}/stat`) === "D") ? "waits-for-disk" : "other";
  } catch {
    return undefined;
  }
}

/** `12 (name) S …`: the name may hold parentheses and spaces. */
function stateIn(file: string): string {
  const text = readFileSync(file, "utf8");
  return text.slice(text.lastIndexOf(")") + 2)[0] ?? "";
}
