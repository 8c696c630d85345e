// What an instance has on its disk, read from outside: while it is frozen, dead or at work.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Instance } from "../../lab/instance.ts";

export interface Entry {
  kind: string;
  stage?: string;
  at: string;
  boot: string;
}

/** The state files that are replaced as a whole: each is there in full, or not at all. */
const replaced = ["status", "membership", "applied", "reboots", "instance", "instance-tags"];

export function stateDirectory(instance: Instance): string {
  return join(instance.outside.written, "var/lib/muster");
}

/** The lines of all journals, oldest run first, without a part of a last line that a death may leave. */
export function entries(instance: Instance): Entry[] {
  return runs(instance).flatMap((run) => {
    const text = read(instance, `runs/${run}/journal.jsonl`) ?? "";
    const complete = text.slice(0, text.lastIndexOf("\n") + 1);
    return complete
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Entry);
  });
}

export function runs(instance: Instance): string[] {
  try {
    return readdirSync(join(stateDirectory(instance), "runs")).toSorted();
  } catch {
    return [];
  }
}

export function read(instance: Instance, name: string): string | undefined {
  try {
    return readFileSync(join(stateDirectory(instance), name), "utf8");
  } catch {
    return undefined;
  }
}

/** `patch finished`, `run-ended`. */
export function nameOf({ kind, stage }: Entry): string {
  return stage === undefined || kind === "reboot-planned" ? kind : `${stage} ${kind.replace("step-", "")}`;
}

/** Which state files are neither whole nor absent. */
export function halfWritten(instance: Instance): string[] {
  return replaced.map((name) => `${name}.json`).filter((name) => !isWhole(read(instance, name)));
}

function isWhole(text: string | undefined): boolean {
  if (text === undefined) return true;
  try {
    JSON.parse(text);
    return text.endsWith("\n");
  } catch {
    return false;
  }
}
