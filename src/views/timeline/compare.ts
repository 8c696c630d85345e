import type { StageName } from "../../domain/run/run.ts";
import type { StageSpan, Timeline } from "./timeline.ts";

/** One part of both runs: how long it took in each, in milliseconds; absent if it did not happen. */
export type Compared = {
  readonly stage: StageName;
  /** Absent for the stage itself. */
  readonly work?: string;
  readonly before?: number;
  readonly after?: number;
};

/** Stages in the order in which they began, each followed by its commands and calls, those of one name together. */
export function compared(before: Timeline, after: Timeline): readonly Compared[] {
  const [one, other] = [sumsOf(before), sumsOf(after)];
  const keys = new Map([...one, ...other].map(([key, { stage, work }]) => [key, { stage, work }]));
  const stages = new Set([...before.stages, ...after.stages].map(({ stage }) => stage));
  return [...stages].flatMap((stage) =>
    [...keys]
      .filter(([, key]) => key.stage === stage)
      .toSorted(([, first], [, second]) => Number(first.work !== undefined) - Number(second.work !== undefined))
      .map(([key, { work }]) => entryOf(stage, work, one.get(key)?.ms, other.get(key)?.ms)),
  );
}

function entryOf(
  stage: StageName,
  work: string | undefined,
  before: number | undefined,
  after: number | undefined,
): Compared {
  return {
    stage,
    ...(work === undefined ? {} : { work }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

type Sum = { readonly stage: StageName; readonly work: string | undefined; readonly ms: number };

function sumsOf({ stages }: Timeline): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  function add({ stage }: StageSpan, work: string | undefined, ms: number): void {
    const key = JSON.stringify([stage, work]);
    sums.set(key, { stage, work, ms: (sums.get(key)?.ms ?? 0) + ms });
  }
  for (const span of stages) {
    add(span, undefined, span.toMs - span.fromMs);
    for (const { name, fromMs, toMs } of span.work) add(span, name, toMs - fromMs);
  }
  return sums;
}
