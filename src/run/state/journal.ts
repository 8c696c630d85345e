import type { Json } from "../../domain/text/canonical.ts";
import type { RunEnd, StageName } from "../../domain/run/run.ts";
import { createSerial } from "../../lib/async/serial.ts";
import type { StateFiles } from "../../ports/state-files.ts";
import {
  lineOf,
  parseLine,
  textOf,
  version,
  type Entry,
  type EntryBody,
  type Finished,
  type Line,
  type PlannedReboot,
  type Started,
} from "./journal-entry.ts";

/** How long a journalled result stays true. */
export type Lifetime =
  /** For the whole run, reboots included: the run is pinned to it. */
  | "run"
  /** Until the machine boots again. */
  | "boot"
  /** Not at all: found out anew each time. */
  | "never";

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
