import type { RunEvent } from "../domain/run/events.ts";
import { isObject, isTime } from "../domain/text/guards.ts";
import { isRunEnd } from "../domain/run/recorded-shapes.ts";
import { causes, stageNames, type Cause, type RunEnd, type StageName } from "../domain/run/run.ts";
import type { StartType } from "../domain/instance/start-type.ts";

/** The files of one run. */
export type RunRecord = {
  readonly run: string;
  readonly events: readonly RunEvent[];
  /** Its journal: the agent's own record, and the only one of a run of an older binary. */
  readonly journal: string | undefined;
  /** Whether the agent could not read the journal and set the run aside. */
  readonly setAside: boolean;
};

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

/** @param atWork whether a process exists that could be making this run */
export function summariseRun({ run, events, journal, setAside }: RunRecord, atWork: boolean): RunSummary {
  const noted = inJournal(journal ?? "");
  // The recording is not synced: after a power cut the journal knows more about the end.
  const { end, ...known } = { ...noted, ...inRecording(events.filter((event) => event.run === run)) };
  const changed = stageNames.filter((stage) => known.changed.has(stage) || noted.changed.has(stage));
  if (end === undefined) {
    return { run, ...known, changed, end: setAside ? "unreadable" : atWork ? "under-way" : "interrupted" };
  }
  return {
    ...{ run, ...known, changed, end: end.kind },
    ...("stage" in end && { stage: end.stage }),
    ...("error" in end && { error: end.error.code }),
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

function inRecording(events: readonly RunEvent[]): Known {
  const known: Known = { changed: new Set() };
  for (const event of events) {
    if (event.type === "run-started") {
      // A continued run has not ended: a reboot lay between.
      if (event.resumed) delete known.end;
      else Object.assign(known, { startedAt: event.at, cause: event.cause, startType: event.startType });
    }
    if (event.type === "run-facts" && event.facts.commit !== undefined) known.commit = event.facts.commit;
    if (event.type === "stage-finished" && event.outcome === "changed") known.changed.add(event.stage);
    if (event.type !== "run-finished") continue;
    known.end = event.end;
    const resumed = events.some((other) => other.type === "run-started" && other.resumed);
    // For a continued run the event has the time of the last part only.
    known.durationMs = resumed ? between(known.startedAt ?? event.at, event.at) : event.durationMs;
  }
  return known;
}

/** Finds known events: lines of another version, or torn ones, are skipped. */
function inJournal(text: string): Known {
  const known: Known = { changed: new Set() };
  for (const entry of text.split("\n").map(parse)) {
    const { at, kind, request, stage, changed, result, end } = entry;
    if (kind === "run-started" && isTime(at)) {
      known.startedAt = at;
      const cause = isObject(request) ? causes.find((each) => each === request["cause"]) : undefined;
      if (cause !== undefined) known.cause = cause;
    }
    const name = stageNames.find((each) => each === stage);
    if (kind === "step-finished" && name !== undefined && changed === true) known.changed.add(name);
    if (name === "config" && isObject(result) && typeof result["commit"] === "string") known.commit = result["commit"];
    if (kind !== "run-ended" || !isRunEnd(end)) continue;
    known.end = end;
    if (isTime(at)) known.durationMs = between(known.startedAt ?? at, at);
  }
  return known;
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
