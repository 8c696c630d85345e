// Three ways to die, of a machine that stands still.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Instance } from "../../lab/instance.ts";

export const kinds = ["agent", "agent and units", "power cut"] as const;
export type Kind = (typeof kinds)[number];

/**
 * Kills what the kind says, and lets the rest go on.
 * @param look is called when nothing of the agent moves any more, and before anything comes back
 */
export async function die<T>(instance: Instance, kind: Kind, look: () => T): Promise<T> {
  if (kind === "power cut") {
    const seen: T[] = [];
    await instance.powerCut(async () => void seen.push(look()));
    return seen[0] as T;
  }
  // A frozen process dies without another instruction.
  if (kind === "agent") process.kill(agentOf(instance), "SIGKILL");
  else for (const unit of unitsOf(instance)) writeFileSync(join(slice(instance), unit, "cgroup.kill"), "1");
  const seen = look();
  await instance.thaw();
  return seen;
}

/** The daemon's process, as it is called out here. Throws when there is none. */
export function agentOf(instance: Instance): number {
  const pids = readFileSync(join(slice(instance), "muster.service/cgroup.procs"), "utf8")
    .trim()
    .split("\n");
  const agent = pids.find((pid) => commandLine(pid).startsWith("/usr/bin/muster\0daemon"));
  if (agent === undefined) throw new Error(`no agent runs on ${instance.name}`);
  return Number(agent);
}

function unitsOf(instance: Instance): string[] {
  return readdirSync(slice(instance)).filter((unit) => /^muster(-\d.*)?\.service$/.test(unit));
}

function slice(instance: Instance): string {
  return join(instance.outside.cgroup, "payload/system.slice");
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
