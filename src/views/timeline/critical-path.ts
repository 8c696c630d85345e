import type { CriticalPart, Gap, Span, StageSpan } from "./timeline.ts";

/**
 * How long the agent may take between the end of one command and the beginning of the next. An event that ended shortly
 * before counts as the cause, rather than one that went on in parallel. A stage that still goes on holds up no other
 * stage.
 */
const reactionMs = { stages: Infinity, work: 25 };

/**
 * The critical path: what the end of the run waited for, found from the end backwards. First over the stages, of which
 * config and the package index run in parallel, then within each over its commands and calls. During a wait a stage
 * does nothing else, so the commands that poll belong to the wait.
 * @returns parts in order that cover the run without holes and overlaps
 */
export function criticalPath(
  stages: readonly StageSpan[],
  gaps: readonly Gap[],
  durationMs: number,
): readonly CriticalPart[] {
  const whole = { fromMs: 0, toMs: durationMs };
  return walkBack<StageSpan | Gap>([...stages, ...gaps], whole, reactionMs.stages).flatMap(({ on, ...span }) => {
    if (on === undefined) return [{ ...span, kind: "own" }];
    return "why" in on ? [{ ...span, kind: "away" }] : partsOf(on, span);
  });
}

function partsOf(stage: StageSpan, within: Span): readonly CriticalPart[] {
  const parts: CriticalPart[] = [];
  let fromMs = within.fromMs;
  for (const wait of stage.waits.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const begins = Math.max(fromMs, wait.fromMs);
    const ends = Math.min(within.toMs, wait.toMs);
    if (ends <= begins) continue;
    parts.push(...workOf(stage, { fromMs, toMs: begins }));
    parts.push({ fromMs: begins, toMs: ends, kind: "wait", stage: stage.stage });
    fromMs = ends;
  }
  return [...parts, ...workOf(stage, { fromMs, toMs: within.toMs })];
}

function workOf({ stage, work }: StageSpan, within: Span): readonly CriticalPart[] {
  return walkBack(work, within, reactionMs.work).map(({ on, ...span }) =>
    on === undefined ? { ...span, kind: "own", stage } : { ...span, kind: on.kind, stage, name: on.name },
  );
}

/** A piece of the way back, on a span or, without one, on nothing. */
type Piece<T> = Span & { readonly on: T | undefined };

function walkBack<T extends Span>(spans: readonly T[], within: Span, reaction: number): readonly Piece<T>[] {
  const pieces: Piece<T>[] = [];
  let at = within.toMs;
  while (at > within.fromMs) {
    const on = before(spans, at, reaction);
    const ended = Math.max(within.fromMs, on === undefined ? within.fromMs : Math.min(on.toMs, at));
    if (ended < at) pieces.push({ fromMs: ended, toMs: at, on: undefined });
    const began = on === undefined ? within.fromMs : Math.max(within.fromMs, on.fromMs);
    if (on !== undefined && began < ended) pieces.push({ fromMs: began, toMs: ended, on });
    at = Math.min(began, ended);
  }
  return pieces.toReversed();
}

/** The span that was waited for at this moment: the last that ended before it, or one that was going on. */
function before<T extends Span>(spans: readonly T[], at: number, reaction: number): T | undefined {
  let ended: T | undefined;
  let going: T | undefined;
  for (const span of spans) {
    if (span.toMs <= span.fromMs || span.fromMs >= at) continue;
    if (span.toMs <= at) {
      const isLater = ended === undefined || span.toMs > ended.toMs;
      if (isLater || (span.toMs === ended?.toMs && span.fromMs < ended.fromMs)) ended = span;
    } else if (going === undefined || span.fromMs < going.fromMs) {
      going = span;
    }
  }
  return ended !== undefined && at - ended.toMs <= reaction ? ended : (going ?? ended);
}
