// The layer between image and instance: the binary and its units, as if baked into the image.
// Made once for all instances of a run, because the binary is large.
import { createHash } from "node:crypto";
import { cp, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

export interface Baked {
  /** Becomes /usr/bin/muster, and /usr/bin/rs_tag is a link to it. */
  binary: string;
  /** Its files become /usr/lib/systemd/system/*. */
  units: string;
}

/** Returns the layer's directory; two at once make it once. */
export async function bakeLayer(directory: string, { binary, units }: Baked): Promise<string> {
  const [program, folder] = await Promise.all([stat(binary), stat(units)]);
  const key = JSON.stringify([binary, program.size, program.mtimeMs, units, folder.mtimeMs]);
  const layer = join(directory, createHash("sha256").update(key).digest("hex").slice(0, 12));
  if (await exists(layer)) return layer;
  const unfinished = `${layer}.${process.pid}.${performance.now()}`;
  await mkdir(join(unfinished, "usr/bin"), { recursive: true });
  await cp(binary, join(unfinished, "usr/bin/muster"), { preserveTimestamps: true });
  await symlink("muster", join(unfinished, "usr/bin/rs_tag"));
  await cp(units, join(unfinished, "usr/lib/systemd/system"), { recursive: true });
  await rename(unfinished, layer).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true });
    if (!(await exists(layer))) throw error;
  });
  return layer;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
