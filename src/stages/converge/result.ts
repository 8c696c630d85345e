import { z } from "zod";

const counts = z.object({
  total: z.number(),
  changed: z.number(),
  failed: z.number(),
  skipped: z.number(),
});

/** The recorded result of a finished converge stage. */
export const convergeResultSchema = z.object({
  changed: z.boolean(),
  /** Resources of all steps together. */
  counts,
  /** One entry for each step of the role, in order. */
  steps: z.array(
    z.object({
      engine: z.string(),
      changed: z.boolean(),
      counts,
      /** Resources from the code; absent in journals of older binaries. */
      managed: z.number().exactOptional(),
      /** Warnings that the engine gave; absent in journals of older binaries. */
      warnings: z.number().exactOptional(),
      /** By phase and resource type, as the engine reports them. */
      seconds: z.record(z.string(), z.number()),
      log: z.string(),
    }),
  ),
});

export type ConvergeResult = z.infer<typeof convergeResultSchema>;

/** For a run without converge. */
export const unconverged: ConvergeResult = {
  changed: false,
  counts: { total: 0, changed: 0, failed: 0, skipped: 0 },
  steps: [],
};
