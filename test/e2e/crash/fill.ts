// A disk on which not a byte is left, however much it held a moment before.
import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";

import type { Instance } from "../../lab/instance.ts";
import { run } from "../../lab/run.ts";

/** Takes all that is free of the instance's disk, what only root may take too. Returns how to give it back. */
export async function fillDisk(instance: Instance): Promise<() => Promise<void>> {
  // Beside what the instance sees.
  const directory = join(instance.outside.written, "..");
  const file = join(directory, "fill");
  const { bfree, bsize } = await statfs(directory);
  // Takes what it can before it fails; the rest is written away.
  await run(["fallocate", `--length=${bfree * bsize}`, file], { check: false });
  await writeUntilFull(join(directory, "fill-rest"));
  return async () => {
    await Promise.all([rm(file), rm(join(directory, "fill-rest"))]);
  };
}

async function writeUntilFull(file: string): Promise<void> {
  await using handle = await open(file, "w");
  for (let size = 1024 ** 2; size >= 512; size /= 2) {
    const chunk = Buffer.alloc(size, 1);
    try {
      while (true) {
        await handle.write(chunk);
        await handle.datasync();
      }
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}
