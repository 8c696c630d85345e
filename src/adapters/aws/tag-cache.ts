import { z } from "zod";
import type { Tags } from "../../domain/instance.ts";
import type { StateFiles } from "../../ports/state-files.ts";

export const tagCacheFile = "tags.json";

const schema = z.object({
  v: z.literal(1),
  instance: z.string(),
  at: z.iso.datetime(),
  tags: z.record(z.string(), z.string()),
});

/** The tags that EC2 told last, for starts without it. */
export type TagCache = {
  /** Those of this very instance; an image may bring along another's. */
  read(instanceId: string): Promise<{ readonly tags: Tags; readonly at: string } | undefined>;
  keep(instanceId: string, tags: Tags): Promise<void>;
};

export function createTagCache(files: StateFiles, now: () => Date): TagCache {
  return {
    async read(instanceId) {
      const text = await files.read(tagCacheFile);
      const known = text === undefined ? undefined : parse(text);
      return known?.instance === instanceId ? { tags: known.tags, at: known.at } : undefined;
    },
    async keep(instanceId, tags) {
      await files.write(
        tagCacheFile,
        `${JSON.stringify({ v: 1, instance: instanceId, at: now().toISOString(), tags })}\n`,
      );
    },
  };
}

function parse(text: string): z.infer<typeof schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
