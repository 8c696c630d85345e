import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The units of cloud-init: up to 24.2 one for each stage, since then a main process besides. */
const units = /\/cloud-(?:init|init-local|init-main|init-network|config|final)\.service(?:\/|$)/m;

/** Longer than any chain of shells; a process tree that changes while it is read could form a circle. */
const maxDepth = 100;

/**
 * Whether cloud-init waits for the process with this parent: it is among its ancestors, or one of them is in a unit of
 * cloud-init (a `su -` in between has a session of its own). A background process of user data becomes a child of
 * process 1 when its shell ends, and is not waited for.
 */
export function startedByCloudInit(parent = process.ppid, procDirectory = "/proc"): boolean {
  let at = parent;
  for (let depth = 0; at > 1 && depth < maxDepth; depth += 1) {
    const directory = `${procDirectory}/${at}`;
    const command = textOf(`${directory}/cmdline`).split("\0").slice(0, 3);
    if (units.test(textOf(`${directory}/cgroup`)) || command.some((word) => basename(word) === "cloud-init"))
      return true;
    at = Number(/^PPid:\s*(\d+)$/m.exec(textOf(`${directory}/status`))?.[1] ?? 0);
  }
  return false;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
