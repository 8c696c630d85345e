// Whatever is in a recording, in whatever order and with whatever clocks: what is shown makes sense.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EventBody, RunEvent } from "../../../../src/domain/run/events.ts";
import { rowsOf } from "../../../../src/views/timeline/rows.ts";
import { timelineSvg } from "../../../../src/views/timeline/svg.ts";
import { timelineText } from "../../../../src/views/timeline/text.ts";
import { timelineOf } from "./whole.ts";
import type { Span, Timeline } from "../../../../src/views/timeline/timeline.ts";
import { timelineTrace } from "../../../../src/views/timeline/trace.ts";
import { widthOf } from "../../../../src/cli/terminal/text.ts";
import { plainPaper } from "./paper.ts";
import { begins, calls, cloud, ends, finished, recordingOf, returns, run, started, waits } from "./tape.ts";

const stage = fc.constantFrom("config" as const, "index" as const, "converge" as const, "register" as const);
const id = fc.integer({ min: 1, max: 4 });
const words = fc.oneof(fc.constantFrom("git fetch", "dig", ""), fc.string({ unit: "binary", maxLength: 60 }));

const body: fc.Arbitrary<EventBody> = fc.oneof(
  { weight: 1, arbitrary: fc.boolean().map((resumed) => started({ resumed })) },
  { weight: 1, arbitrary: fc.constantFrom("boot-1", "boot-2", undefined).map((boot) => started({ boot })) },
  { weight: 6, arbitrary: stage.map(begins) },
  { weight: 4, arbitrary: fc.tuple(stage, words).map(([name, summary]) => ends(name, { summary })) },
  { weight: 6, arbitrary: fc.tuple(stage, id, words).map(([name, number, command]) => calls(name, number, command)) },
  { weight: 6, arbitrary: fc.tuple(stage, id).map(([name, number]) => returns(name, number)) },
  { weight: 3, arbitrary: fc.tuple(stage, words, fc.boolean()).map((given) => waits(...given)) },
  {
    weight: 3,
    arbitrary: fc.tuple(stage, words, fc.double({ min: 0, max: 1e7, noNaN: true })).map((given) => cloud(...given)),
  },
  { weight: 1, arbitrary: fc.constantFrom(finished(), finished("held")) },
);

const event: fc.Arbitrary<RunEvent> = fc
  .record({
    body,
    at: fc.date({ min: new Date(0), max: new Date("2099-01-01"), noInvalidDate: true }),
    upMs: fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
    isOwn: fc.integer({ min: 0, max: 9 }).map((number) => number > 0),
  })
  .map(({ body, at, upMs, isOwn }) => ({
    ...body,
    at: at.toISOString(),
    ...(upMs === undefined ? {} : { upMs }),
    ...(isOwn ? { run } : {}),
  }));

/** Mostly as they come in life: one boot after the other, times going up; and sometimes in no order at all. */
const events = fc.oneof(
  fc.array(event, { maxLength: 60 }),
  fc.array(fc.tuple(body, fc.integer({ min: 0, max: 3000 })), { maxLength: 60 }).map((entries) => {
    let upMs = 1000;
    return entries.map(([given, ms]): RunEvent => {
      upMs += ms;
      return { ...given, at: new Date(upMs).toISOString(), upMs, run };
    });
  }),
);

const timeline = fc
  .tuple(events, fc.option(fc.integer({ min: 0, max: 2e9 }), { nil: undefined }))
  .map(([given, upMs]) =>
    timelineOf(
      recordingOf(given),
      upMs === undefined ? undefined : { at: "2026-01-01T00:00:00Z", upMs, boot: "boot-1" },
    ),
  )
  .filter((found): found is Timeline => found !== undefined);

test("every interval is within the run, and what is in a stage is within the stage", () => {
  fc.assert(
    fc.property(timeline, ({ durationMs, stages, gaps }) => {
      const whole = { fromMs: 0, toMs: durationMs };
      for (const span of [...stages, ...gaps]) expectWithin(span, whole);
      for (const each of stages) for (const span of [...each.waits, ...each.work]) expectWithin(span, each);
    }),
  );
});

test("the critical path covers the run without holes and overlaps, and its totals sum up to the run", () => {
  fc.assert(
    fc.property(timeline, ({ durationMs, criticalPath, totals }) => {
      let atMs = 0;
      for (const { fromMs, toMs } of criticalPath) {
        expect(fromMs).toBe(atMs);
        expect(toMs).toBeGreaterThan(fromMs);
        atMs = toMs;
      }
      expect(atMs).toBe(durationMs);
      const { commandsMs, callsMs, waitsMs, awayMs, ownMs } = totals;
      expect(commandsMs + callsMs + waitsMs + awayMs + ownMs).toBe(durationMs);
    }),
  );
});

test("what is in one lane does not overlap, nor do two events of one thread of the trace", () => {
  fc.assert(
    fc.property(timeline, (found) => {
      for (const spans of Map.groupBy(found.stages, ({ lane }) => lane).values()) expectApart(spans);
      for (const { work } of found.stages) {
        for (const spans of Map.groupBy(work, ({ lane }) => lane).values()) expectApart(spans);
      }
      const { traceEvents } = JSON.parse(timelineTrace([found])) as { traceEvents: TraceEvent[] };
      const complete = traceEvents.filter(({ ph }) => ph === "X");
      for (const spans of Map.groupBy(complete, ({ tid }) => tid).values()) {
        expectApart(spans.map(({ ts, dur }) => ({ fromMs: ts, toMs: ts + dur })));
      }
    }),
  );
});

type TraceEvent = { readonly ph: string; readonly tid: number; readonly ts: number; readonly dur: number };

test("rows of stages and of the path do not overlap in themselves, and every bar has some length or is a moment", () => {
  fc.assert(
    fc.property(timeline, (found) => {
      for (const { level, bars } of rowsOf(found)) if (level !== "work") expectApart(bars);
    }),
  );
});

test("no line of the text is wider than the terminal, and no character steers it", () => {
  fc.assert(
    fc.property(timeline, fc.integer({ min: 30, max: 160 }), fc.boolean(), (found, columns, unicode) => {
      const text = timelineText(found, plainPaper(columns, unicode));
      for (const line of text.split("\n")) {
        expect(widthOf(line)).toBeLessThanOrEqual(columns);
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }
    }),
  );
});

test("the SVG has balanced elements, and no markup but its own", () => {
  const own = /^(svg|title|desc|style|defs|pattern|rect|g|line|text)$/;
  fc.assert(
    fc.property(timeline, (found) => {
      const svg = timelineSvg([found, found]);
      const open: string[] = [];
      for (const [, end, name = "", empty] of svg.matchAll(/<(\/?)([^\s/>]+)[^>]*?(\/?)>/g)) {
        expect(name).toMatch(own);
        if (end === "/") expect(open.pop()).toBe(name);
        else if (empty !== "/") open.push(name);
      }
      expect(open).toEqual([]);
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(svg.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/u);
    }),
  );
});

function expectWithin({ fromMs, toMs }: Span, outer: Span): void {
  expect(fromMs).toBeGreaterThanOrEqual(outer.fromMs);
  expect(toMs).toBeGreaterThanOrEqual(fromMs);
  expect(toMs).toBeLessThanOrEqual(outer.toMs);
}

function expectApart(spans: readonly Span[]): void {
  let atMs = 0;
  for (const { fromMs, toMs } of spans.toSorted((one, other) => one.fromMs - other.fromMs || one.toMs - other.toMs)) {
    expect(fromMs).toBeGreaterThanOrEqual(atMs);
    atMs = toMs;
  }
}
