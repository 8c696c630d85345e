// Stops a machine at an exact instruction: in the open of a file that somebody watches for.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import type { Instance } from "../instance.ts";

export interface Tripwire {
  /** Resolves with the path whose open froze the machine. Rejects when the wire is cut before. */
  hit: Promise<string>;
  /** Takes it away; what waits goes on. Does not thaw. */
  cut: () => Promise<void>;
}

/**
 * Every open of a path that matches waits until `isHere` has looked. At the first `true` the whole machine is frozen
 * inside that open: `thaw` lets it go on, a kill or a power cut finds it exactly there.
 * @param pattern of absolute paths in the machine, as perl reads it; opens to read, of directories too
 * @param isHere must not open anything in the machine's root: read what it wrote in `outside.written`
 */
export async function setTripwire(
  instance: Instance,
  pattern: string,
  isHere: (path: string) => boolean | Promise<boolean>,
): Promise<Tripwire> {
  const { root, cgroup } = instance.outside;
  const script = join(import.meta.dirname, "tripwire.pl");
  const child = spawn("perl", [script, root, pattern, join(cgroup, "cgroup.freeze")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: first } = await lines.next();
  if (first !== "ready") throw new Error("the tripwire was not set");

  async function watch(): Promise<string> {
    for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
      const here = await isHere(next.value);
      child.stdin.write(here ? "freeze\n" : "go\n");
      if (here && (await lines.next()).value === "frozen") return next.value;
    }
    throw new Error(`the tripwire of ${instance.name} was cut before anything touched it`);
  }

  const hit = watch();
  // Whoever cuts it need not wait for it.
  hit.catch(() => undefined);
  return {
    hit,
    async cut() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
