import type { CommandEnd, RunEvent } from "../../domain/run/events.ts";
import type { StageName } from "../../domain/run/run.ts";
import { inLanes } from "./lanes.ts";
import { createPlacer, placeOfNow, type Placed } from "./positions.ts";
import type { Gap, Now, Span, StageSpan, Timeline, Wait, Work } from "./timeline.ts";

/** A timeline without the values that follow from it. */
type ReadRun = Omit<Timeline, "run" | "criticalPath" | "totals" | "unreadable" | "full">;

/** A stage without an end yet; `heardMs` is the time of its last event. */
type OpenStage = {
  readonly stage: StageName;
  readonly fromMs: number;
  heardMs: number;
  wait: Omit<Wait, "toMs"> | undefined;
  readonly waits: Wait[];
  readonly commands: Map<number, { readonly name: string; readonly fromMs: number }>;
  readonly work: Omit<Work, "lane">[];
};

type Reading = {
  readonly open: Map<StageName, OpenStage>;
  readonly closed: Omit<StageSpan, "lane">[];
  /** How many commands, calls and waits were dropped. */
  leftOut: number;
};

/** A stage is told by so many commands and calls and so many waits at most: the longest. */
const mostPieces = 1000;

/** Reads the events of one run, one after the other. */
export type RunReading = {
  /** Events between runs are in the same recording but do not belong to the run: they are passed over. */
  add(event: RunEvent): void;
  /** Undefined for a run without events. */
  result(now: Now | undefined): ReadRun | undefined;
};

export function createRunReading(run: string): RunReading {
  const place = createPlacer();
  const reading: Reading = { open: new Map(), closed: [], leftOut: 0 };
  const gaps: Gap[] = [];
  let facts: Facts = {};
  let first: Placed | undefined;
  let last: Placed | undefined;

  return {
    add(event) {
      if (event.run !== run) return;
      // Before a planned reboot a run reports that it finished, and goes on afterwards.
      if (last?.event.type === "run-finished" && event.type !== "run-started") return;
      const here = place(event);
      facts = { ...facts, ...factsIn(event) };
      if (event.type === "run-started" && last !== undefined) gaps.push(...takenUp(reading, last, here));
      else read(reading, here);
      first ??= here;
      last = here;
    },
    result(now) {
      if (first === undefined || last === undefined) return undefined;
      const end = last.event.type === "run-finished" ? last.event.end : undefined;
      const nowMs = end !== undefined || now === undefined ? undefined : placeOfNow(last, now);
      const durationMs = nowMs ?? last.ms;
      for (const stage of reading.open.values()) {
        // In a finished run, open parts were given up: a cancelled branch, an interrupted stage.
        if (nowMs === undefined) close(reading, stage, end === undefined ? durationMs : stage.heardMs, "interrupted");
        else close(reading, stage, nowMs, "running");
      }
      return {
        ...facts,
        startedAt: first.event.at,
        durationMs,
        state: end !== undefined ? "finished" : nowMs === undefined ? "interrupted" : "running",
        ...(end === undefined ? {} : { end }),
        stages: inLanes(reading.closed),
        gaps,
        leftOut: reading.leftOut,
      };
    },
  };
}

type Facts = Partial<Pick<Timeline, "cause" | "startType" | "role" | "environment" | "instance" | "commit">>;

function factsIn(event: RunEvent): Facts {
  if (event.type === "run-started" && !event.resumed) return { cause: event.cause, startType: event.startType };
  if (event.type !== "run-facts") return {};
  const { role, environment, commit, instance } = event.facts;
  return {
    ...(role === undefined ? {} : { role }),
    ...(environment === undefined ? {} : { environment }),
    ...(commit === undefined ? {} : { commit }),
    ...(instance === undefined ? {} : { instance: instance.id }),
  };
}

/** Another agent continues the run: open parts end with the last event of the former agent. */
function takenUp(reading: Reading, before: Placed, here: Placed): readonly Gap[] {
  for (const stage of reading.open.values()) close(reading, stage, before.ms, "interrupted");
  if (here.ms === before.ms) return [];
  const isSameBoot = here.boot === before.boot && (here.event.upMs ?? 0) >= (before.event.upMs ?? 0);
  return [{ fromMs: before.ms, toMs: here.ms, why: isSameBoot ? "agent" : "machine" }];
}

function read(reading: Reading, { event, ms }: Placed): void {
  if (!("stage" in event) || event.stage === undefined) return;
  const stage = reading.open.get(event.stage);
  if (event.type === "stage-started") {
    if (stage !== undefined) close(reading, stage, stage.heardMs, "interrupted");
    reading.open.set(event.stage, opened(event.stage, ms));
  } else if (event.type === "stage-finished") {
    if (stage !== undefined) close(reading, stage, ms, event.outcome, event.summary);
    // A stage that was done before an interruption keeps its time.
    else if (event.outcome !== "replayed" || !reading.closed.some((one) => one.stage === event.stage)) {
      const { outcome, summary } = event;
      reading.closed.push({ stage: event.stage, fromMs: ms, toMs: ms, outcome, summary, waits: [], work: [] });
    }
  } else if (stage !== undefined) {
    stage.heardMs = ms;
    readWork(stage, event, ms);
    // Only at twice as many, so that they are sorted seldom.
    if (stage.work.length >= 2 * mostPieces) keepLongest(stage.work, reading);
    if (stage.waits.length >= 2 * mostPieces) keepLongest(stage.waits, reading);
  }
}

/** Drops the shortest: a run without end must not fill the memory of the command that shows it. */
function keepLongest(pieces: Span[], reading: Reading): void {
  const left = pieces.length - mostPieces;
  if (left <= 0) return;
  const longest = new Set(pieces.toSorted((one, other) => lengthOf(other) - lengthOf(one)).slice(0, mostPieces));
  pieces.splice(0, pieces.length, ...pieces.filter((piece) => longest.has(piece)));
  reading.leftOut += left;
}

function lengthOf({ fromMs, toMs }: Span): number {
  return toMs - fromMs;
}

function readWork(stage: OpenStage, event: RunEvent, ms: number): void {
  switch (event.type) {
    case "stage-progress":
      endWait(stage, ms);
      if (event.waiting) stage.wait = { fromMs: ms, text: event.text };
      return;
    case "command-started":
      stage.commands.set(event.id, { name: event.command, fromMs: ms });
      return;
    case "command-finished": {
      const begun = stage.commands.get(event.id);
      if (begun === undefined) return;
      stage.commands.delete(event.id);
      stage.work.push({ ...begun, toMs: ms, kind: "command", ended: endOf(event) });
      return;
    }
    case "cloud-call": {
      // The event comes at its end.
      const fromMs = Math.max(stage.fromMs, Math.min(ms, ms - Math.round(event.durationMs)));
      stage.work.push({ kind: "call", name: event.operation, fromMs, toMs: ms, ended: event.failure ?? "ok" });
      return;
    }
    default:
  }
}

function opened(stage: StageName, ms: number): OpenStage {
  return { stage, fromMs: ms, heardMs: ms, wait: undefined, waits: [], commands: new Map(), work: [] };
}

function endWait(stage: OpenStage, ms: number): void {
  if (stage.wait !== undefined && ms > stage.wait.fromMs) stage.waits.push({ ...stage.wait, toMs: ms });
  stage.wait = undefined;
}

function close(reading: Reading, stage: OpenStage, toMs: number, outcome: StageSpan["outcome"], summary = ""): void {
  endWait(stage, toMs);
  for (const begun of stage.commands.values()) {
    stage.work.push({ ...begun, toMs, kind: "command", ended: outcome === "running" ? "running" : "interrupted" });
  }
  keepLongest(stage.work, reading);
  keepLongest(stage.waits, reading);
  const { fromMs, waits, work } = stage;
  reading.closed.push({ stage: stage.stage, fromMs, toMs, outcome, summary, waits, work: inLanes(work) });
  reading.open.delete(stage.stage);
}

function endOf(end: CommandEnd): string {
  if (end.ended !== "exited") return end.ended;
  return end.code === 0 ? "ok" : `exit ${end.code}`;
}
