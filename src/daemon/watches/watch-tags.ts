import { backoffMs, type Backoff } from "../../lib/async/backoff.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { canonical } from "../../domain/text/canonical.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import { sleepJittered } from "../../lib/async/periodic.ts";
import { createReportGate, type ReportGate } from "../../lib/async/report.ts";
import type { Duty } from "../../run/state/duty.ts";
import type { DaemonDeps } from "../deps.ts";
import { followPauseTag, pauseTagOf } from "../pause/pause-tag.ts";
import { publishNow } from "./publish-now.ts";
import { keysOf, tagChange, type TagChange } from "./tag-change.ts";

type Deps = Pick<
  DaemonDeps,
  | "executor"
  | "membership"
  | "duty"
  | "identity"
  | "choose"
  | "bus"
  | "status"
  | "pause"
  | "clock"
  | "intervals"
  | "tagPrefix"
  | "tagTrust"
>;

/** The interval if the tags have to be asked of EC2, whose API counts calls for a whole account. In milliseconds. */
const costlyMs = 5 * 60_000;

/** The interval after a transient failure, at least, in milliseconds. */
const afterFailureMs = 60_000;

/** Failed polls in a row before they are reported. */
const failuresToReport = 3;

/** Between two runs for one change that end without applying it. */
const runAgain: Backoff = { firstMs: 5 * 60_000, maxMs: 3_600_000, jitter: "upper-half" };

/**
 * Watches the tags that steer this instance, or that its endpoints are made of. Other names or weights change the wish;
 * anything else makes a run. What is not in service takes its tags up when it joins.
 */
export async function watchTags(deps: Deps, signal: AbortSignal): Promise<void> {
  const memory: Memory = { ranId: undefined, failures: 0, reported: createReportGate(), run: undefined };
  while (true) {
    const pauseMs = await poll(deps, memory, signal);
    await sleepJittered(pauseMs, deps.clock, signal);
  }
}

type Memory = {
  /** The run that had ended at the last poll: a run reads the tags itself. */
  ranId: string | undefined;
  failures: number;
  /** By the text of the failure. */
  readonly reported: ReportGate<string>;
  /** The tags that runs were made for without applying them, how many runs, and when the next may be made. */
  run: { readonly tags: string; readonly attempts: number; readonly notBeforeMs: number } | undefined;
};

/** @returns how long to wait for the next poll, in milliseconds */
async function poll(deps: Deps, memory: Memory, signal: AbortSignal): Promise<number> {
  const duty = deps.duty.current();
  if (duty === undefined || !isAtRest(deps)) return deps.intervals.tagsMs;
  const keys = keysOf(duty.role, deps.tagPrefix, deps.tagTrust);
  const ranId = deps.status.current().run?.id;
  const mayCall = memory.ranId === ranId;
  memory.ranId = ranId;
  try {
    const watched = new Set([...keys, pauseTagOf(deps)]);
    const { tags: seen, costsCall } = await deps.identity.observe(watched, mayCall, signal);
    memory.failures = 0;
    const tags = seen && Object.fromEntries(Object.entries(seen).filter(([key]) => keys.has(key)));
    if (seen !== undefined) await followPauseTag(deps, seen);
    // The duty may have changed meanwhile: the next poll decides.
    if (tags !== undefined && deps.duty.current() === duty && isAtRest(deps)) {
      await follow(tagChange(duty, keys, tags, deps.choose), duty, tags, deps, memory, signal);
    }
    return costsCall ? costlyPauseMs(deps) : deps.intervals.tagsMs;
  } catch (error) {
    signal.throwIfAborted();
    memory.failures += 1;
    const { code, message } = reportOf(error);
    if (!isTransient(error) || memory.failures >= failuresToReport) {
      reportFailure(code, `The tags of this instance cannot be watched: ${message}`, deps, memory);
    }
    return isTransient(error) ? Math.max(deps.intervals.tagsMs, afterFailureMs) : costlyMs;
  }
}

/** EC2 answers four times as many requests as Route 53, so a large group needs a quarter of the reconciler's interval. */
function costlyPauseMs({ intervals, membership }: Deps): number {
  return Math.max(costlyMs, ((intervals.memberMs ?? 0) * (membership.status().size ?? 0)) / 4);
}

/** A run reads the tags itself. */
function isAtRest({ status }: Deps): boolean {
  return status.current().run?.finished === true;
}

async function follow(
  change: TagChange,
  duty: Duty,
  tags: Tags,
  deps: Deps,
  memory: Memory,
  signal: AbortSignal,
): Promise<void> {
  switch (change.kind) {
    case "none":
      memory.reported.isNew(undefined);
      return;
    case "names":
      return await rename(change, duty, deps, signal);
    case "run":
      return await run(canonical(tags), deps, memory, signal);
    case "impossible": {
      const { code, message } = change.error;
      return reportFailure(code, `The tags ask for what cannot be; what was stays: ${message}`, deps, memory);
    }
  }
}

async function rename(
  { duty, records, selection }: Extract<TagChange, { kind: "names" }>,
  before: Duty,
  deps: Deps,
  signal: AbortSignal,
): Promise<void> {
  const { membership, bus, status, choose } = deps;
  const { account, region, id } = duty.identity.instance;
  const { bootId } = status.current();
  if (!(await membership.rename(records, { account, region, instance: id }, bootId))) return;
  // A run that began meanwhile has read the tags itself.
  if (deps.duty.current() === before) await deps.duty.adopt(duty);
  bus.emit({ type: "run-facts", facts: { selection } });
  const known = new Set(choose(before.identity).refused.map(({ key, why }) => `${key} ${why}`));
  for (const { key, why } of selection.refused) {
    if (known.has(`${key} ${why}`)) continue;
    const text = `Tag ${key} steers nothing: ${why}`;
    bus.emit({ type: "notice", level: "warning", code: "tag-refused", text, brief: text });
  }
  await publishNow("The names that the tags ask for", deps, signal);
}

/** One run for each change. If the run does not apply the change, it is repeated at growing intervals. */
async function run(tags: string, deps: Deps, memory: Memory, signal: AbortSignal): Promise<void> {
  const { executor, pause, clock, bus } = deps;
  const last = memory.run?.tags === tags ? memory.run : undefined;
  if (pause.current() !== undefined || clock.monotonicMs() < (last?.notBeforeMs ?? 0)) return;
  const attempts = (last?.attempts ?? 0) + 1;
  memory.run = { tags, attempts, notBeforeMs: clock.monotonicMs() + backoffMs(runAgain, attempts, clock) };
  try {
    await executor.run({ cause: "tag-change", dryRun: false }, 0, () => undefined, signal);
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = reportOf(error);
    // A run under way reads the tags itself.
    if (isTransient(error)) memory.run = last;
    else
      bus.emit({ type: "notice", level: "warning", code, text: `The run for changed tags was not made: ${message}` });
  }
}

function reportFailure(code: LogNoticeCode, text: string, { bus }: Deps, memory: Memory): void {
  if (!memory.reported.isNew(text)) return;
  bus.emit({ type: "notice", level: "warning", code, text });
}
