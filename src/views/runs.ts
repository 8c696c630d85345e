import type { RunEvent } from "../domain/run/events.ts";
import { isObject, isTime } from "../domain/text/guards.ts";
import { isRunEnd } from "../domain/run/recorded-shapes.ts";
import { causes, stageNames, type Cause, type RunEnd, type StageName } from "../domain/run/run.ts";
import type { StartType } from "../domain/instance/start-type.ts";

/** One run in a list of runs; facts that no file holds are absent. */
export type RunSummary = {
  readonly run: string;
  /** ISO 8601, UTC, by the wall clock. */
  readonly startedAt?: string;
  readonly cause?: Cause;
  readonly startType?: StartType;
  /**
   * `interrupted`: it has no end and no process makes it; the next start continues it. `unreadable`: it was set aside.
   */
  readonly end: RunEnd["kind"] | "under-way" | "interrupted" | "unreadable";
  /** The stage at which it was held, failed, or rebooted. */
  readonly stage?: StageName;
  /** The code of the error that held or failed it. */
  readonly error?: string;
  /** From its first start to its end, restarts and reboots included; milliseconds. */
  readonly durationMs?: number;
  readonly commit?: string;
  readonly changed: readonly StageName[];
};

/** The types of events that a summary is made of. */
export const summarised = ["run-started", "run-facts", "stage-finished", "run-finished"] as const;

/** Makes a summary from a run's events and the lines of its journal, as they come. */
export type RunSummariser = {
  /** The next event of its recording. */
  recorded(event: RunEvent): void;
  /** The next line of its journal: the agent's own record, and the only one of a run of an older binary. */
  journalled(line: string): void;
  result(about: {
    /** Whether the agent could not read the journal and set the run aside. */
    readonly setAside: boolean;
    /** Whether a process exists that could be making this run. */
    readonly atWork: boolean;
  }): RunSummary;
};

export function createRunSummary(run: string): RunSummariser {
  const recording = createRecordingFold();
  const journal: Known = { changed: new Set() };
  return {
    recorded(event) {
      if (event.run === run) recording.add(event);
    },
    journalled: (line) => addJournalLine(journal, line),
    result({ setAside, atWork }) {
      // The recording is not synced: after a power cut the journal knows more about the end.
      const { end, ...known } = { ...journal, ...recording.known() };
      const changed = stageNames.filter((stage) => known.changed.has(stage) || journal.changed.has(stage));
      if (end === undefined) {
        return { run, ...known, changed, end: setAside ? "unreadable" : atWork ? "under-way" : "interrupted" };
      }
      return {
        ...{ run, ...known, changed, end: end.kind },
        ...("stage" in end && { stage: end.stage }),
        ...("error" in end && { error: end.error.code }),
      };
    },
  };
}

type Known = {
  startedAt?: string;
  cause?: Cause;
  startType?: StartType;
  end?: RunEnd;
  durationMs?: number;
  commit?: string;
  changed: Set<StageName>;
};

function createRecordingFold() {
  const known: Known = { changed: new Set() };
  let resumed = false;
  let ended: Extract<RunEvent, { type: "run-finished" }> | undefined;
  return {
    add(event: RunEvent): void {
      if (event.type === "run-started") {
        // A continued run has not ended: a reboot lay between.
        if (event.resumed) delete known.end;
        else Object.assign(known, { startedAt: event.at, cause: event.cause, startType: event.startType });
        resumed ||= event.resumed;
      }
      if (event.type === "run-facts" && event.facts.commit !== undefined) known.commit = event.facts.commit;
      if (event.type === "stage-finished" && event.outcome === "changed") known.changed.add(event.stage);
      if (event.type !== "run-finished") return;
      known.end = event.end;
      ended = event;
    },
    known(): Known {
      if (ended === undefined) return known;
      // For a continued run the event has the time of the last part only.
      const durationMs = resumed ? between(known.startedAt ?? ended.at, ended.at) : ended.durationMs;
      return { ...known, durationMs };
    },
  };
}

/** Adds what a line of the journal says: one of another version, or a torn one, is skipped. */
function addJournalLine(known: Known, line: string): void {
  const { at, kind, request, stage, changed, result, end } = parse(line);
  if (kind === "run-started" && isTime(at)) {
    known.startedAt = at;
    const cause = isObject(request) ? causes.find((each) => each === request["cause"]) : undefined;
    if (cause !== undefined) known.cause = cause;
  }
  const name = stageNames.find((each) => each === stage);
  if (kind === "step-finished" && name !== undefined && changed === true) known.changed.add(name);
  if (name === "config" && isObject(result) && typeof result["commit"] === "string") known.commit = result["commit"];
  if (kind !== "run-ended" || !isRunEnd(end)) return;
  known.end = end;
  if (isTime(at)) known.durationMs = between(known.startedAt ?? at, at);
}

/** Milliseconds by the wall clock, which may have been set meanwhile. */
function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}

function parse(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
