import { z } from "zod";
import { knownWord } from "../../lib/known-word.ts";
import type { Json } from "../../domain/text/canonical.ts";
import { withKnownEnd } from "../../domain/run/recorded-shapes.ts";
import { causes, stageNames, type RunEnd, type RunRequest, type StageName } from "../../domain/run/run.ts";
import { createSerial } from "../../lib/async/serial.ts";
import { jsonIn } from "../../ports/state-file.ts";
import type { StateFiles } from "../../ports/state-files.ts";

/** How long a journalled result stays true. */
export type Lifetime =
  /** For the whole run, reboots included: the run is pinned to it. */
  | "run"
  /** Until the machine boots again. */
  | "boot"
  /** Not at all: found out anew each time. */
  | "never";

const version = 1;

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

type Entry = z.infer<typeof entrySchema>;
/** A line on disk. Without an entry it is of a newer binary: kept, and passed over. */
type Line = Pick<Entry, "at" | "boot"> & { readonly raw: string; readonly entry?: Entry };
type Started = Extract<Entry, { kind: "run-started" }>;
type Finished = Extract<Entry, { kind: "step-finished" }>;
type PlannedReboot = Extract<Entry, { kind: "reboot-planned" }>;

/** An entry without its version, time and boot, which the journal adds. */
export type EntryBody = Entry extends infer E ? (E extends Entry ? Omit<E, "v" | "at" | "boot"> : never) : never;

/** The facts of a journal about its run. */
export type JournalState = {
  readonly started: Started;
  readonly end: RunEnd | undefined;
  /** Whether any finished step changed anything. */
  readonly changed: boolean;
  /** The boot of the newest entry, and its time. */
  readonly lastBoot: string;
  readonly lastAt: string;
  /** Stages that were started and neither finished nor failed. */
  readonly open: readonly StageName[];
  /** How many reboots it planned. */
  readonly reboots: number;
  /** The reboot that was planned in this boot and has not come yet. */
  readonly rebootUnderWay: Pick<PlannedReboot, "stage" | "reasons"> | undefined;
  /** Whether one was planned in the boot of the newest entry: that boot ended as planned. */
  readonly rebootPlanned: boolean;
};

/** The append-only record of one run: every transition is on disk before the next begins. */
export interface Journal {
  readonly run: string;
  readonly state: JournalState;
  append(body: EntryBody): Promise<void>;
  /** A finished step of this key whose result is still true in this boot. */
  replay(key: string): { readonly result: Json; readonly changed: boolean } | undefined;
}

export type JournalDeps = { readonly files: StateFiles; readonly now: () => Date; readonly bootId: string };

/** The journal of a new run, its first entry written. */
export async function createJournal(
  deps: JournalDeps,
  run: string,
  first: Pick<Started, "request" | "instance" | "serving" | "wantedBefore">,
): Promise<Journal> {
  const started = stamp(deps, { kind: "run-started", ...first });
  const line = lineOf(started);
  await deps.files.append(journalName(run), textOf(line));
  return journalOf(deps, run, started, [line]);
}

/** Why a journal cannot be used. */
export type Unreadable = { readonly unreadable: string };

/**
 * The journal of an earlier run as it is on disk, in any state that a power cut or an older binary left. A torn last
 * line is dropped: its entry counts as never made.
 */
export async function openJournal(deps: JournalDeps, run: string): Promise<Journal | Unreadable> {
  const text = await deps.files.read(journalName(run));
  if (text === undefined || text === "") return { unreadable: "there is no journal" };
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  const lines: Line[] = [];
  for (const [index, raw] of complete.split("\n").slice(0, -1).entries()) {
    const read = parseLine(raw);
    if (read === undefined) return { unreadable: `line ${index + 1} is not an entry of version ${version}` };
    lines.push(read);
  }
  const started = lines[0]?.entry;
  if (started?.kind !== "run-started") return { unreadable: "it does not begin with the start of a run" };
  // A torn last line must not run into the next entry.
  if (complete !== text) await deps.files.write(journalName(run), complete);
  return journalOf(deps, run, started, lines);
}

export function journalName(run: string): string {
  return `runs/${run}/journal.jsonl`;
}

function journalOf(deps: JournalDeps, run: string, started: Started, lines: Line[]): Journal {
  /** Whether a failed append may have left a part of a line, which the next entry must not run into. */
  let torn = false;
  /** Parallel branches of a run append in turns, and only the last line may be torn. */
  const appends = createSerial();

  async function write(body: EntryBody): Promise<void> {
    const line = lineOf(stamp(deps, body));
    if (torn) await deps.files.write(journalName(run), lines.map(textOf).join(""));
    torn = true;
    await deps.files.append(journalName(run), textOf(line));
    torn = false;
    lines.push(line);
  }

  return {
    run,
    get state() {
      return stateOf(started, lines, deps.bootId);
    },
    async append(body) {
      await appends.run(() => write(body));
    },
    replay(key) {
      const found = entriesOf(lines).findLast(
        (entry): entry is Finished => entry.kind === "step-finished" && entry.key === key,
      );
      if (found === undefined || !stillTrue(found, deps.bootId)) return undefined;
      return { result: found.result, changed: found.changed };
    },
  };
}

function stillTrue(entry: Finished, bootId: string): boolean {
  switch (entry.holds) {
    case "run":
      return true;
    case "boot":
      return entry.boot === bootId;
    case "never":
      return false;
  }
}

function entriesOf(lines: readonly Line[]): readonly Entry[] {
  return lines.flatMap(({ entry }) => entry ?? []);
}

function stateOf(started: Started, lines: readonly Line[], bootId: string): JournalState {
  const entries = entriesOf(lines);
  const open = new Set<StageName>();
  let end: RunEnd | undefined;
  for (const entry of entries) {
    if (entry.kind === "step-started") open.add(entry.stage);
    if (entry.kind === "step-finished" || entry.kind === "step-failed") open.delete(entry.stage);
    if (entry.kind === "run-ended") end = entry.end;
  }
  const changed = entries.some((entry) => entry.kind === "step-finished" && entry.changed);
  const planned = entries.filter((entry) => entry.kind === "reboot-planned");
  const newest = lines.at(-1) ?? started;
  return {
    started,
    end,
    changed,
    lastBoot: newest.boot,
    lastAt: newest.at,
    open: [...open],
    reboots: planned.length,
    rebootUnderWay: planned.find(({ boot }) => boot === bootId),
    rebootPlanned: planned.some(({ boot }) => boot === newest.boot),
  };
}

function stamp<Body extends EntryBody>(deps: JournalDeps, body: Body) {
  const head: Pick<Entry, "v" | "at" | "boot"> = { v: version, at: deps.now().toISOString(), boot: deps.bootId };
  return { ...head, ...body };
}

function lineOf(entry: Entry): Line {
  return { raw: JSON.stringify(entry), at: entry.at, boot: entry.boot, entry };
}

function textOf({ raw }: Line): string {
  return `${raw}\n`;
}

function parseLine(raw: string): Line | undefined {
  const value = jsonIn(raw);
  const known = entrySchema.safeParse(value);
  if (known.success) return { ...lineOf(known.data), raw };
  const newer = newerSchema.safeParse(value);
  return newer.success ? { raw, at: newer.data.at, boot: newer.data.boot } : undefined;
}
