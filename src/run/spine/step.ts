import { createHash } from "node:crypto";
import { canonical, type Json } from "../../domain/text/canonical.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import type { EventBody } from "../../domain/run/events.ts";
import { membershipStages, stageNames, type StageName } from "../../domain/run/run.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CommandWatch, WatchNews } from "../../ports/command-watch.ts";
import type { StageContext, StageResult } from "../../ports/stage-context.ts";
import type { Journal, Lifetime } from "../state/journal.ts";

/** One run in progress: what a step needs. */
export type Run = {
  readonly id: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The requested stages; the others are skipped. */
  readonly stages: ReadonlySet<StageName>;
  readonly emit: (event: EventBody) => void;
  readonly commands: CommandWatch;
  /** Whether the instance serves while this run is made. */
  readonly serving: boolean;
  /** Whether the wish of an earlier boot was `in`. */
  readonly wantedBefore: boolean;
};

/** One stage of the spine as a durable step. */
export type Step<Value> = StepBody<Value> & ResultOnDisk<Value>;

/** How the result of a step is written down and read back. */
type ResultOnDisk<Value> =
  | {
      /** Parses what is read back: the journal of an older binary is input. */
      readonly schema: { safeParse(value: unknown): { success: true; data: Value } | { success: false } };
      readonly store?: never;
    }
  | {
      /** The part that is written down, where the rest can be read again. */
      readonly store: (value: Value) => Json;
      /** Reads the rest again; undefined if it cannot be: the step is made again. */
      readonly restore: (stored: Json) => Promise<Value | undefined>;
    };

type StepBody<Value> = {
  readonly stage: StageName;
  readonly holds: Lifetime;
  /** The canonical, narrowed inputs: with the stage's name they are the key of the result. */
  readonly input: Json;
  work(context: StageContext): Promise<StageResult<Value>>;
  /** The result for the next stages if this one was not requested; absent for stages of every run. */
  readonly otherwise?: Value;
};

/** A stage's failure on its way to the end of the run. */
export class StageFailure extends Error {
  readonly stage: StageName;
  /** Whether this run had told Auto Scaling to let the instance serve before it failed. */
  readonly launched: boolean;

  constructor(stage: StageName, cause: unknown, launched = false) {
    super(`stage ${stage} failed`, { cause });
    this.name = "StageFailure";
    this.stage = stage;
    this.launched = launched;
  }
}

/**
 * Makes a step, unless the journal holds a result of the same inputs that is still true. The result is on
 * disk before the next step begins.
 * @throws StageFailure with the stage's own error as its cause
 */
export async function step<Value extends Json>(run: Run, spec: Step<Value>): Promise<Value> {
  if (spec.otherwise !== undefined && !run.stages.has(spec.stage)) {
    skip(run, spec.stage, "not asked for");
    return spec.otherwise;
  }
  const key = keyOf(spec.stage, spec.input);
  const replayed = await replay(run, spec, key);
  if (replayed !== undefined) return replayed.value;
  const begun = run.clock.monotonicMs();
  try {
    await run.journal.append({ kind: "step-started", stage: spec.stage, key });
    run.emit({ type: "stage-started", stage: spec.stage });
    const hear = (news: WatchNews): void => run.emit({ ...news, stage: spec.stage });
    const result = await run.commands.during(hear, () => spec.work(contextOf(run, spec.stage)));
    const changed = result.outcome === "changed";
    await run.journal.append({
      kind: "step-finished",
      stage: spec.stage,
      key,
      holds: spec.holds,
      changed,
      result: spec.store === undefined ? result.value : spec.store(result.value),
    });
    const { outcome, summary, facts } = result;
    const durationMs = run.clock.monotonicMs() - begun;
    run.emit({ type: "stage-finished", stage: spec.stage, outcome, durationMs, summary, facts });
    return result.value;
  } catch (error) {
    throw await stageFailed(run, spec.stage, key, begun, error);
  }
}

/** A stage that was not requested is reported as skipped. */
export function skip(run: Run, stage: StageName, why: string): void {
  run.emit({ type: "stage-finished", stage, outcome: "skipped", durationMs: 0, summary: why, facts: {} });
}

/**
 * Both branches in parallel, each with a signal of its own. The first failure cancels the other, and both are settled
 * before it is thrown.
 */
export async function both<A, B>(
  run: Run,
  first: (run: Run) => Promise<A>,
  second: (run: Run) => Promise<B>,
): Promise<[A, B]> {
  const cancel = new AbortController();
  const signal = AbortSignal.any([run.signal, cancel.signal]);
  let failure: unknown;
  async function guard<T>(work: (run: Run) => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      return { value: await work({ ...run, signal }) };
    } catch (error) {
      if (!cancel.signal.aborted) failure = error;
      cancel.abort(error);
      return undefined;
    }
  }
  const [one, other] = await Promise.all([guard(first), guard(second)]);
  if (one === undefined || other === undefined) throw failure;
  return [one.value, other.value];
}

/** The key of a step's result: a digest of the stage's name and its inputs. */
export function keyOf(stage: StageName, input: Json): string {
  return createHash("sha256")
    .update(canonical([stage, input]))
    .digest("hex")
    .slice(0, 32);
}

/**
 * All stages, or the requested ones with those that they need. Membership is one wish: a request for a part gets the
 * whole, and the gate before it.
 */
export function stagesOf(asked: readonly StageName[] | undefined): ReadonlySet<StageName> {
  if (asked === undefined) return new Set(stageNames);
  const stages = new Set<StageName>(["clock", "identity", "config", ...asked]);
  if (stages.has("patch")) stages.add("index");
  if (membershipStages.some((stage) => stages.has(stage))) {
    for (const stage of ["preflight", "health", ...membershipStages] as const) stages.add(stage);
  }
  return stages;
}

/** The reports of a stage. */
export function contextOf(run: Pick<Run, "id" | "signal" | "emit">, stage: StageName): StageContext {
  return {
    run: run.id,
    stage,
    signal: run.signal,
    progress: (text, brief) => run.emit({ type: "stage-progress", stage, text, waiting: false, ...briefly(brief) }),
    waiting: (text, brief) => run.emit({ type: "stage-progress", stage, text, waiting: true, ...briefly(brief) }),
    output: (line) => run.emit({ type: "stage-output", stage, line }),
    warn: (code, text) => run.emit({ type: "notice", level: "warning", code, text }),
  };
}

function briefly(brief: string | undefined): { readonly brief?: string } {
  return brief === undefined ? {} : { brief };
}

async function replay<Value extends Json>(
  run: Run,
  spec: Step<Value>,
  key: string,
): Promise<{ value: Value } | undefined> {
  const found = run.journal.replay(key);
  if (found === undefined) return undefined;
  const value = spec.store === undefined ? parse(spec.schema, found.result) : await spec.restore(found.result);
  if (value === undefined) return undefined;
  const summary = "already done in this run";
  run.emit({ type: "stage-finished", stage: spec.stage, outcome: "replayed", durationMs: 0, summary, facts: {} });
  return { value };
}

function parse<Value>(
  schema: { safeParse(value: unknown): { success: true; data: Value } | { success: false } },
  stored: Json,
): Value | undefined {
  const parsed = schema.safeParse(stored);
  return parsed.success ? parsed.data : undefined;
}

async function stageFailed(
  run: Run,
  stage: StageName,
  key: string,
  begun: number,
  thrown: unknown,
): Promise<StageFailure> {
  // An abort is not the stage's fault: it stays open in the journal and is repeated.
  if (run.signal.aborted) return new StageFailure(stage, run.signal.reason);
  const error = reportOf(thrown);
  try {
    await run.journal.append({ kind: "step-failed", stage, key, error });
  } catch {
    // A full disk must not hide the failure; the end of the run reports that nothing can be written.
  }
  const durationMs = run.clock.monotonicMs() - begun;
  run.emit({ type: "stage-finished", stage, outcome: "failed", durationMs, summary: error.message, facts: {}, error });
  return new StageFailure(stage, thrown);
}
