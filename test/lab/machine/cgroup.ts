import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { waitFor } from "../wait.ts";

const top = "/sys/fs/cgroup";

/** A cgroup (v2) for one machine and all that runs in it. */
export interface Cgroup {
  path: string;
  freeze: () => Promise<void>;
  thaw: () => Promise<void>;
  /** Kills every process in it, at once, and waits for them to be gone. */
  kill: () => Promise<void>;
  remove: () => Promise<void>;
}

/** Makes the cgroup below our own, where in-lab.ts put us. */
export async function createCgroup(name: string): Promise<Cgroup> {
  const path = join(await ownCgroup(), name);
  await mkdir(path);

  async function event(line: string): Promise<boolean> {
    const events = await readFile(join(path, "cgroup.events"), "utf8");
    return events.split("\n").includes(line);
  }

  return {
    path,
    freeze: async () => {
      await writeFile(join(path, "cgroup.freeze"), "1");
      await waitFor(() => event("frozen 1"), { what: `${name} is frozen`, timeout: 5000, every: 2 });
    },
    thaw: () => writeFile(join(path, "cgroup.freeze"), "0"),
    kill: async () => {
      await writeFile(join(path, "cgroup.kill"), "1");
      await waitFor(() => event("populated 0"), { what: `${name} is dead`, timeout: 10_000, every: 5 });
      // A fresh one for what comes next. The kernel counts kills per cgroup, and (6.14 and later) takes
      // a process down that is cloned into a cgroup with another count, as systemd 257 clones units.
      await removeTree(path);
      await mkdir(path);
    },
    remove: () => removeTree(path),
  };
}

async function ownCgroup(): Promise<string> {
  const lines = (await readFile("/proc/self/cgroup", "utf8")).split("\n");
  const own = lines.find((line) => line.startsWith("0::"))?.slice("0::".length);
  if (own === undefined) throw new Error("this kernel has no cgroup v2");
  return join(top, own);
}

async function removeTree(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isDirectory())) await removeTree(join(path, entry.name));
  await rmdir(path);
}
