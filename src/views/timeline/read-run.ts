import type { CommandEnd, RunEvent } from "../../domain/run/events.ts";
import type { Recording } from "../../domain/run/recording.ts";
import type { StageName } from "../../domain/run/run.ts";
import { inLanes } from "./lanes.ts";
import { placed, placeOfNow, type Placed } from "./positions.ts";
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

/** Reads the events of one run; events between runs are in the same recording but do not belong to it. */
export function readRun({ run, events }: Recording, now: Now | undefined): ReadRun | undefined {
  const own = placed(eventsOf(run, events));
  const [first] = own;
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const reading: Reading = { open: new Map(), closed: [], leftOut: 0 };
  const gaps: Gap[] = [];
  for (const [index, here] of own.entries()) {
    const before = own[index - 1];
    if (here.event.type === "run-started" && before !== undefined) gaps.push(...takenUp(reading, before, here));
    else read(reading, here);
  }
  const end = last.event.type === "run-finished" ? last.event.end : undefined;
  const nowMs = end !== undefined || now === undefined ? undefined : placeOfNow(last, now);
  const durationMs = nowMs ?? last.ms;
  for (const stage of reading.open.values()) {
    // In a finished run, open parts were given up: a cancelled branch, an interrupted stage.
    if (nowMs === undefined) close(reading, stage, end === undefined ? durationMs : stage.heardMs, "interrupted");
    else close(reading, stage, nowMs, "running");
  }
  return {
    ...factsOf(own),
    startedAt: first.event.at,
    durationMs,
    state: end !== undefined ? "finished" : nowMs === undefined ? "interrupted" : "running",
    ...(end === undefined ? {} : { end }),
    stages: inLanes(reading.closed),
    gaps,
    leftOut: reading.leftOut,
  };
}

function eventsOf(run: string, events: readonly RunEvent[]): readonly RunEvent[] {
  const own = events.filter((event) => event.run === run);
  // Before a planned reboot a run reports that it finished, and goes on afterwards.
  const begun = own.findLastIndex(({ type }) => type === "run-started");
  const end = own.findIndex(({ type }, index) => type === "run-finished" && index > begun);
  return end === -1 ? own : own.slice(0, end + 1);
}

function factsOf(own: readonly Placed[]): Pick<Timeline, "role" | "environment" | "instance" | "commit"> {
  let facts = {};
  for (const { event } of own) {
    if (event.type === "run-started" && !event.resumed) {
      facts = { ...facts, cause: event.cause, startType: event.startType };
    }
    if (event.type !== "run-facts") continue;
    const { role, environment, commit, instance } = event.facts;
    facts = {
      ...facts,
      ...(role === undefined ? {} : { role }),
      ...(environment === undefined ? {} : { environment }),
      ...(commit === undefined ? {} : { commit }),
      ...(instance === undefined ? {} : { instance: instance.id }),
    };
  }
  return facts;
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
  const longest = new Set(
    pieces.toSorted((one, other) => lengthOf(other) - lengthOf(one)).slice(0, mostPieces),
  );
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
