import { readFile } from "node:fs/promises";
import type { Host } from "../../ports/host.ts";

/** The running machine, as the kernel describes it. */
export function createHost(): Host {
  return {
    async bootId() {
      return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    },
  };
}
