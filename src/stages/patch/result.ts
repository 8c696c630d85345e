import { z } from "zod";
import { sourceCodes } from "../../domain/package-source.ts";

const sourceFailure = z.strictObject({
  source: z.string(),
  code: z.enum(sourceCodes),
  message: z.string(),
  hint: z.string(),
  transient: z.boolean(),
});

/** What the refresh of the package index came to. */
export const indexResultSchema = z.strictObject({
  /** False: the packages are judged by the index that was on the disk. */
  refreshed: z.boolean(),
  /** Sources that could not be read, while others were. */
  failed: z.array(sourceFailure).default([]),
});

export type IndexResult = z.infer<typeof indexResultSchema>;

export const patchResultSchema = z.strictObject({
  scope: z.enum(["security", "all", "none"]),
  /** What this run changed, earlier boots and agents of it included. */
  upgraded: z.array(z.strictObject({ name: z.string(), from: z.string().optional(), to: z.string() })),
  /** When the packages were brought there, ISO 8601; absent when they were not looked at. */
  at: z.string().exactOptional(),
  /** Upgrades that are known and were not in scope; undefined when nobody looked. */
  pending: z.number().int().optional(),
  /** Repositories that are locked to a version, and the newest that is out. */
  locked: z.strictObject({ version: z.string(), newest: z.string().exactOptional() }).exactOptional(),
  /** Services that ran replaced code. */
  restarted: z.array(z.string()).default([]),
  reboot: z.strictObject({ required: z.boolean(), reasons: z.array(z.string()) }),
  /** What kept the packages from being brought all the way. */
  trouble: z.array(z.strictObject({ code: z.string(), source: z.string().exactOptional() })).default([]),
});

export type PatchResult = z.infer<typeof patchResultSchema>;

/** For a run that was not asked to patch. */
export const unpatched: PatchResult = {
  scope: "none",
  upgraded: [],
  restarted: [],
  reboot: { required: false, reasons: [] },
  trouble: [],
};
