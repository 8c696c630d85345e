// What a line of a journal holds, and how it is read back: from older and from newer binaries.
import { z } from "zod";
import { knownWord } from "../../lib/known-word.ts";
import type { Json } from "../../domain/text/canonical.ts";
import { withKnownEnd } from "../../domain/run/recorded-shapes.ts";
import { causes, stageNames, type RunEnd, type RunRequest } from "../../domain/run/run.ts";
import { jsonIn } from "../../ports/state-file.ts";

/** Of the format. Another one is unreadable on purpose. */
export const version = 1;

const json: z.ZodType<Json> = z.json();

const report = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  subjects: z.array(z.string()).readonly().exactOptional(),
  quoted: z.string().exactOptional(),
});
const stage = z.enum(stageNames);

/** Of a run's end, so that a stage of a newer binary does not hide how the run ended. */
const stageOfEnd = z.string().transform(knownWord(stageNames, "identity"));

const knownEnd: z.ZodType<RunEnd> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("in-service"), changed: z.boolean(), rebootRefused: z.string().exactOptional() }),
  z.object({ kind: z.literal("unconfirmed"), changed: z.boolean(), note: z.string() }),
  z.object({
    kind: z.literal("done"),
    changed: z.boolean(),
    note: z.string().exactOptional(),
    rebootRefused: z.string().exactOptional(),
    parked: z.literal(true).exactOptional(),
  }),
  z.object({ kind: z.literal("rebooting"), stage: stageOfEnd, reasons: z.array(z.string()) }),
  z.object({ kind: z.literal("held"), stage: stageOfEnd, error: report }),
  z.object({ kind: z.literal("failed"), stage: stageOfEnd, error: report }),
]);

const endSchema: z.ZodType<RunEnd> = z.preprocess(withKnownEnd, knownEnd);

const requestSchema: z.ZodType<RunRequest> = z.object({
  // A cause of a newer binary: as the boot's, which no operator waits for.
  cause: z.string().transform(knownWord(causes, "boot")),
  stages: z
    .array(z.string())
    .transform((names) => stageNames.filter((name) => names.includes(name)))
    .exactOptional(),
  dryRun: z.boolean(),
  ref: z.string().exactOptional(),
  role: z.string().exactOptional(),
  noReboot: z.boolean().exactOptional(),
});

const common = { v: z.literal(version), at: z.string(), boot: z.string() };

const entrySchema = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    kind: z.literal("run-started"),
    request: requestSchema,
    instance: z.string(),
    /** Whether the instance served when the run began: its failures must not take it out. */
    serving: z.boolean(),
    /** Whether it was wanted in service in an earlier boot; absent in the journals of older binaries. */
    wantedBefore: z.boolean().exactOptional(),
  }),
  z.object({ ...common, kind: z.literal("step-started"), stage, key: z.string() }),
  z.object({
    ...common,
    kind: z.literal("step-finished"),
    stage,
    key: z.string(),
    holds: z.string().transform(knownWord(["run", "boot", "never"], "never")),
    changed: z.boolean(),
    result: json,
  }),
  z.object({ ...common, kind: z.literal("step-failed"), stage, key: z.string(), error: report }),
  /** The machine is about to be rebooted, and the run goes on afterwards. */
  z.object({ ...common, kind: z.literal("reboot-planned"), stage: stageOfEnd, reasons: z.array(z.string()) }),
  z.object({ ...common, kind: z.literal("run-ended"), end: endSchema }),
]);

/** An entry of a newer binary: a kind of entry, or a stage, that this one does not know. */
const newerSchema = z.union([
  z.object({ ...common, kind: z.string().refine((kind) => !kinds.has(kind)) }),
  z.object({
    ...common,
    kind: z.enum(["step-started", "step-finished", "step-failed"]),
    stage: z.string().refine((name) => !stageNames.some((known) => known === name)),
  }),
]);

const kinds: ReadonlySet<string> = new Set(entrySchema.options.map(({ shape }) => shape.kind.value));

export type Entry = z.infer<typeof entrySchema>;
/** A line on disk. Without an entry it is of a newer binary: kept, and passed over. */
export type Line = Pick<Entry, "at" | "boot"> & { readonly raw: string; readonly entry?: Entry };
export type Started = Extract<Entry, { kind: "run-started" }>;
export type Finished = Extract<Entry, { kind: "step-finished" }>;
export type PlannedReboot = Extract<Entry, { kind: "reboot-planned" }>;

/** An entry without its version, time and boot, which the journal adds. */
export type EntryBody = Entry extends infer E ? (E extends Entry ? Omit<E, "v" | "at" | "boot"> : never) : never;

export function lineOf(entry: Entry): Line {
  return { raw: JSON.stringify(entry), at: entry.at, boot: entry.boot, entry };
}

/** With its line end, as it is appended. */
export function textOf({ raw }: Line): string {
  return `${raw}\n`;
}

/** @returns undefined for what is no line of this version */
export function parseLine(raw: string): Line | undefined {
  const value = jsonIn(raw);
  const known = entrySchema.safeParse(value);
  if (known.success) return { ...lineOf(known.data), raw };
  const newer = newerSchema.safeParse(value);
  return newer.success ? { raw, at: newer.data.at, boot: newer.data.boot } : undefined;
}
