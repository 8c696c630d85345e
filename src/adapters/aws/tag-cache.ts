import { z } from "zod";
import type { Tags } from "../../domain/instance/instance.ts";
import { stateFile } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

const schema = z.object({
  instance: z.string(),
  at: z.iso.datetime(),
  tags: z.record(z.string(), z.string()),
});

export const tagCacheFile = stateFile("tags.json", schema);

/** The last tags from EC2, for starts without it. */
export type TagCache = {
  /** Those of this very instance; an image may contain another's. */
  read(instanceId: string): Promise<{ readonly tags: Tags; readonly at: string } | undefined>;
  keep(instanceId: string, tags: Tags): Promise<void>;
};

export function createTagCache(files: StateFiles, now: () => Date): TagCache {
  return {
    async read(instanceId) {
      const known = await tagCacheFile.read(files);
      return known?.instance === instanceId ? { tags: known.tags, at: known.at } : undefined;
    },
    async keep(instanceId, tags) {
      await tagCacheFile.write(files, { instance: instanceId, at: now().toISOString(), tags });
    },
  };
}
