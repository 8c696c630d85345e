import { z } from "zod";
import { sourceCodes } from "../../domain/run/package-source.ts";

const sourceFailure = z.object({
  source: z.string(),
  code: z.enum(sourceCodes),
  message: z.string(),
  hint: z.string(),
  transient: z.boolean(),
});

/** The result of a refresh of the package index. */
export const indexResultSchema = z.object({
  /** False: the index on disk was used. */
  refreshed: z.boolean(),
  /** Sources that could not be read, while others were. */
  failed: z.array(sourceFailure).default([]),
});

export type IndexResult = z.infer<typeof indexResultSchema>;

export const patchResultSchema = z.object({
  scope: z.enum(["security", "all", "none"]),
  /** The changes of this run, earlier boots and agents of it included. */
  upgraded: z.array(z.object({ name: z.string(), from: z.string().optional(), to: z.string() })),
  /** When the packages reached this state, ISO 8601; absent if they were not observed. */
  at: z.string().exactOptional(),
  /** Known upgrades that were not in scope; undefined if the packages were not observed. */
  pending: z.number().int().optional(),
  /** Repositories that are locked to a version, and the newest that is out. */
  locked: z.object({ version: z.string(), newest: z.string().exactOptional() }).exactOptional(),
  /** Services with replaced code. */
  restarted: z.array(z.string()).default([]),
  reboot: z.object({ required: z.boolean(), reasons: z.array(z.string()) }),
  /** Why the patch is incomplete. */
  trouble: z.array(z.object({ code: z.string(), source: z.string().exactOptional() })).default([]),
});

export type PatchResult = z.infer<typeof patchResultSchema>;

/** For a run without patching. */
export const unpatched: PatchResult = {
  scope: "none",
  upgraded: [],
  restarted: [],
  reboot: { required: false, reasons: [] },
  trouble: [],
};
