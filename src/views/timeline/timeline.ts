import type { Cause, RunEnd, StageName, StageOutcome } from "../../domain/run/run.ts";
import type { StartType } from "../../domain/instance/start-type.ts";

/** An interval of a run, in whole milliseconds since the run began. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** Work of a stage outside the agent: an external command, or a call to the cloud's API. */
export type Work = Span & {
  readonly kind: "command" | "call";
  /** Program and verb, as `git fetch`; service and operation of a call. */
  readonly name: string;
  /** `ok`, `exit 2`, `killed` and so on; the error's name of a call that failed. */
  readonly ended: string;
  /** From 0: parallel work of one stage is in different lanes. */
  readonly lane: number;
};

/** The stage waited for something other than its own work. */
export type Wait = Span & { readonly text: string };

/** One time that a stage was worked; an interrupted stage appears again when the run was continued. */
export type StageSpan = Span & {
  readonly stage: StageName;
  readonly outcome: StageOutcome | "running" | "interrupted";
  /** One plain sentence; empty while it is open. */
  readonly summary: string;
  /** Counted from 0: stages that overlap are in different lanes. */
  readonly lane: number;
  readonly waits: readonly Wait[];
  readonly work: readonly Work[];
};

/** No agent was there: from the last event of one to the first of the next. */
export type Gap = Span & {
  /** `agent`: it ended and was started again; units that it had begun went on. `machine`: the machine booted. */
  readonly why: "agent" | "machine";
};

/** What the run's end waited for at each moment. `own` is neither command, call nor wait: muster itself. */
export type CriticalPart = Span & {
  readonly kind: "command" | "call" | "wait" | "away" | "own";
  /** Absent between two stages, and while no agent was there. */
  readonly stage?: StageName;
  /** Of the command or call. */
  readonly name?: string;
};

/** How the critical path is made up; the parts sum up to the run's duration. */
export type Totals = {
  readonly commandsMs: number;
  readonly callsMs: number;
  readonly waitsMs: number;
  /** While no agent was there. */
  readonly awayMs: number;
  readonly ownMs: number;
  /** What the most of the critical path was spent on, of commands, calls and waits. */
  readonly slowest?: { readonly stage: StageName; readonly name: string; readonly ms: number };
};

/** The waterfall of a run, as data. */
export type Timeline = {
  readonly run: string;
  readonly cause?: Cause;
  readonly startType?: StartType;
  readonly role?: string;
  readonly environment?: string;
  readonly instance?: string;
  readonly commit?: string;
  /** ISO 8601, UTC, by the wall clock of that moment. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** `interrupted`: it has no end and no process works on it. */
  readonly state: "finished" | "running" | "interrupted";
  readonly end?: RunEnd;
  /** In the order in which they began. */
  readonly stages: readonly StageSpan[];
  readonly gaps: readonly Gap[];
  /** In order, without holes and overlaps, from 0 to `durationMs`. */
  readonly criticalPath: readonly CriticalPart[];
  readonly totals: Totals;
  /** How many short commands, calls and waits of a stage with very many are not in the timeline. */
  readonly leftOut: number;
  /** Lines of the recording that could not be read. */
  readonly unreadable: number;
  /** Whether the recording was full before the run was over: what came later is missing. */
  readonly full: boolean;
};

/** This moment, where an agent may be at work on the run. */
export type Now = { readonly at: string; readonly upMs: number; readonly boot: string };
