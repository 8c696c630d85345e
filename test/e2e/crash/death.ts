// What can happen to a run, to a machine that stands still in the middle of it.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Instance } from "../../lab/instance.ts";
import { run } from "../../lab/run.ts";
import { fillDisk } from "./fill.ts";

/** Nobody is asked: what is in memory is gone. */
export const deaths = ["agent", "agent and units", "power cut"] as const;
/** What operators, package managers and other people's logs do at the wrong moment. */
export const disturbances = ["restart", "stop, start", "second run", "upgrade", "disk full"] as const;
export const kinds = [...deaths, ...disturbances];
export type Kind = (typeof kinds)[number];

/** Whether the agent does nothing more from that instant on. */
export function isDeath(kind: Kind): boolean {
  return deaths.some((death) => death === kind);
}

/**
 * Does what the kind says, and lets the rest go on.
 * @param look is called when nothing of the agent moves any more, and before anything comes back
 */
export async function strike<T>(instance: Instance, kind: Kind, look: () => T): Promise<T> {
  if (kind === "power cut") {
    const seen: T[] = [];
    await instance.powerCut(async () => void seen.push(look()));
    return seen[0] as T;
  }
  // A frozen process dies without another instruction. In the middle of a reboot there may be none.
  const agent = agentOrNone(instance);
  if (kind === "agent" && agent !== undefined) process.kill(agent, "SIGKILL");
  if (kind === "agent and units") {
    for (const unit of unitsOf(instance)) writeFileSync(join(slice(instance), unit, "cgroup.kill"), "1");
  }
  const seen = look();
  if (kind === "upgrade") await replaceBinary(instance);
  const giveBack = kind === "disk full" ? await fillDisk(instance) : undefined;
  await instance.thaw();
  await command(instance, kind);
  if (giveBack !== undefined) {
    await sleep(fullMs);
    await giveBack();
  }
  return seen;
}

/** How it ends is no matter: the machine may be about to reboot, as planned. */
async function command(instance: Instance, kind: Kind): Promise<void> {
  const options = { check: false, timeout: 90_000 };
  switch (kind) {
    case "restart":
    case "upgrade":
      await instance.exec("systemctl restart muster.service", options);
      return;
    case "stop, start":
      await instance.exec("systemctl stop muster.service && sleep 1 && systemctl start muster.service", options);
      return;
    case "second run":
      await instance.exec("muster run", options);
      return;
    case "agent":
    case "agent and units":
    case "power cut":
    case "disk full":
  }
}

/** Longer than the pause before a held run is tried again. */
const fullMs = 6_000;

/** The version that `upgrade` brings. */
export const nextVersion = "99.0.0";
const repository = join(import.meta.dirname, "../../..");
const nextBinary = join(repository, "tmp/crash/next/muster");

/** Builds the binary that `upgrade` brings: the same code under another version. */
export async function buildNext(): Promise<void> {
  const build = [process.execPath, join(repository, "scripts/build.ts")];
  await run([...build, `--outfile=${nextBinary}`, `--as-version=${nextVersion}`], { timeout: 180_000 });
}

/** As a package manager does it: beside, then by rename. The old one runs on. */
async function replaceBinary(instance: Instance): Promise<void> {
  const target = join(instance.outside.root, "usr/bin/muster");
  await cp(nextBinary, `${target}.new`);
  await rename(`${target}.new`, target);
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

export function agentOrNone(instance: Instance): number | undefined {
  try {
    return agentOf(instance);
  } catch {
    return undefined;
  }
}

function unitsOf(instance: Instance): string[] {
  if (!existsSync(slice(instance))) return [];
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
