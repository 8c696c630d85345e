import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { EngineResult } from "../../ports/engine.ts";

const count = z
  .number()
  .int()
  .nonnegative()
  .nullish()
  .transform((value) => value ?? 0);

/** `last_run_summary.yaml` of Puppet 7 and 8: the digest of the run report, a few hundred bytes for any catalogue. */
const summarySchema = z.object({
  resources: z.object({
    total: count,
    changed: count,
    failed: count,
    failed_to_restart: count,
    out_of_sync: count,
    skipped: count,
  }),
  // Of durations that are no numbers each loses itself alone.
  time: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** The content of a run's summary. */
export type Summary = Pick<EngineResult, "counts" | "seconds"> & {
  /** Resources that differed from the code when Puppet checked. */
  readonly outOfSync: number;
};

/** Reads the summary; undefined if there is none or it is malformed. */
export async function readSummary(file: string): Promise<Summary | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseSummary(text);
}

function parseSummary(text: string): Summary | undefined {
  const parsed = summarySchema.safeParse(parseYaml(text));
  if (!parsed.success) return undefined;
  const { resources, time } = parsed.data;
  return {
    counts: {
      total: resources.total,
      changed: resources.changed,
      // A resource whose refresh fails is counted under both.
      failed: Math.max(resources.failed, resources.failed_to_restart),
      skipped: resources.skipped,
    },
    seconds: secondsOf(time ?? {}),
    outOfSync: resources.out_of_sync,
  };
}

function parseYaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

/** Times by phase and resource type to the millisecond; `last_run` among them is a date, not a duration. */
function secondsOf(time: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(time).flatMap(([name, seconds]) =>
      name === "last_run" || typeof seconds !== "number" ? [] : [[name, Math.round(seconds * 1000) / 1000]],
    ),
  );
}
