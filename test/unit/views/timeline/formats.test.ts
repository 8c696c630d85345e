import { describe, expect, test } from "vitest";
import type { Recording } from "../../../../src/domain/run/recording.ts";
import { compareText } from "../../../../src/views/timeline/compare-text.ts";
import { timelineJson } from "../../../../src/views/timeline/json.ts";
import { timelineSvg } from "../../../../src/views/timeline/svg.ts";
import { timelineText } from "../../../../src/views/timeline/text.ts";
import { ticksOf } from "../../../../src/views/timeline/ticks.ts";
import { timelineTrace } from "../../../../src/views/timeline/trace.ts";
import { plainPaper } from "./paper.ts";
import {
  begins,
  calls,
  ends,
  finished,
  firstBoot,
  read,
  recordingOf,
  returns,
  stamped,
  started,
  tape,
} from "./tape.ts";

const killed = read(
  recordingOf([
    ...[started(), begins("converge"), calls("converge", 1, "puppet apply")].map((event) => stamped(event, 0)),
    stamped(begins("health"), 3000),
    stamped(started({ resumed: true, startType: "crash-restart" }), 8000),
    stamped(begins("converge"), 8010),
    stamped(ends("converge"), 8030),
    stamped(finished("held"), 8100),
  ]),
);

function linesOf(recording: Recording): string {
  return timelineText(read(recording), plainPaper(80, true));
}

describe("text", () => {
  test("a first boot at 80 columns", () => {
    expect(linesOf(firstBoot)).toMatchSnapshot();
  });

  test("a run that was taken up, on a narrow terminal without UTF-8", () => {
    expect(timelineText(killed, plainPaper(60, false))).toMatchSnapshot();
  });

  test("where there is no room for bars it is a list", () => {
    expect(timelineText(read(firstBoot), plainPaper(26, true))).toMatchSnapshot();
  });

  test("short commands are folded, and a single short one is named", () => {
    const [one, two] = [
      [10, calls("converge", 1, "one")],
      [12, returns("converge", 1)],
    ] as const;
    const [three, four] = [
      [13, calls("converge", 2, "two")],
      [16, returns("converge", 2)],
    ] as const;
    const frame = [
      [0, started()],
      [0, begins("converge")],
    ] as const;
    const end = [
      [5000, ends("converge")],
      [5000, finished()],
    ] as const;
    expect(linesOf(tape(...frame, one, two, three, four, ...end))).toMatch(/^ {2}2 more +5 ms \* +█/m);
    expect(linesOf(tape(...frame, one, two, ...end))).toMatch(/^ {2}one +2 ms \* +█/m);
  });
});

test("two runs side by side as text", () => {
  const faster = tape(
    ...([
      [0, started()],
      [5, begins("clock")],
      [20, ends("clock")],
      [25, begins("config")],
    ] as const),
    ...([
      [30, calls("config", 1, "git fetch")],
      [130, returns("config", 1)],
      [150, ends("config")],
    ] as const),
    ...([
      [160, begins("converge")],
      [170, calls("converge", 2, "chef-client")],
    ] as const),
    ...([
      [900, returns("converge", 2)],
      [910, ends("converge")],
      [1000, finished()],
    ] as const),
  );
  expect(compareText(read(firstBoot), read(faster), plainPaper(80, true))).toMatchSnapshot();
});

test("JSON: the data and its version; of two runs both and what differs", () => {
  const timeline = read(firstBoot);
  expect(JSON.parse(timelineJson([timeline]))).toEqual({ version: 1, ...timeline });
  const both = JSON.parse(timelineJson([timeline, killed])) as { compared: unknown };
  expect(both).toMatchObject({ version: 1, runs: [timeline, killed] });
  expect(both.compared).toEqual(
    expect.arrayContaining([
      { stage: "clock", before: 15 },
      { stage: "converge", before: 5020, after: 3020 },
      { stage: "converge", work: "puppet apply", before: 5000, after: 3000 },
    ]),
  );
});

test("the trace names processes and threads, and its times are microseconds", () => {
  const trace = JSON.parse(timelineTrace([read(firstBoot), killed])) as { traceEvents: Record<string, unknown>[] };
  const named = (name: string) => trace.traceEvents.filter((event) => event["name"] === name);
  expect(named("process_name")).toMatchObject([
    { ph: "M", pid: 1, args: { name: "run 0003-9c1e (boot, first-boot): in service after 8.1 s" } },
    { ph: "M", pid: 2, args: { name: "run 0003-9c1e (boot, first-boot): held at health after 8.1 s" } },
  ]);
  expect(named("thread_name")).toContainEqual(
    expect.objectContaining({ pid: 1, tid: 3, args: { name: "stages (2)" } }),
  );
  expect(named("index")).toMatchObject([{ ph: "X", pid: 1, tid: 3, ts: 26_000, dur: 1_016_000 }]);
  expect(named("puppet apply")[1]).toMatchObject({ ph: "X", cat: "commands and calls", ts: 1_060_000, dur: 5_000_000 });
});

describe("SVG", () => {
  const svg = timelineSvg([read(firstBoot)]);

  test("is one self-contained picture with a title and a description", () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*role="img"/);
    expect(svg).toContain('<title id="muster-title">run 0003-9c1e (boot, first-boot): in service after 8.1 s</title>');
    expect(svg).toContain("slowest: puppet apply 5.0 s.</desc>");
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|href|<script|@import/);
  });

  test("tells each bar when pointed at", () => {
    expect(svg).toContain("<title>puppet apply: exit 2: 5.0 s, from 1.1 s</title>");
    expect(svg).toContain("<title>health waits: nginx.service is activating: 0.2 s, from 6.1 s</title>");
  });

  test("what others wrote stays text", () => {
    const nasty = '"><script>alert(1)</script>&\u202e';
    const timeline = read(
      tape([0, started()], [0, { type: "run-facts", facts: { role: nasty, environment: nasty } }], [9, finished()]),
    );
    const drawn = timelineSvg([timeline]);
    expect(drawn).toContain("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;");
    expect(drawn).not.toMatch(/<script|\u202e/);
  });

  test("two runs stand on one scale", () => {
    const both = timelineSvg([read(firstBoot), killed]);
    const ticks = [...both.matchAll(/class="tick" x="([\d.]+)"[^>]*>([^<]*)</g)].map(([, x, text]) => `${x} ${text}`);
    expect(ticks.slice(0, ticks.length / 2)).toEqual(ticks.slice(ticks.length / 2));
  });
});

test.each([
  [8, "1 ms"],
  [730, "0.1 s"],
  [8100, "1 s"],
  [95_000, "10 s"],
  [1_500_000, "5 min"],
  [7_200_000, "15 min"],
  [200_000_000, "6 h"],
  [900_000_000, "2 d"],
])("the axis of %i ms goes by %s", (durationMs, second) => {
  const ticks = ticksOf(durationMs, 10);
  expect(ticks.map(({ text }) => text).slice(0, 2)).toEqual(["0", second]);
  expect(ticks.length).toBeLessThanOrEqual(10);
  expect(ticks.at(-1)?.ms).toBeLessThanOrEqual(durationMs);
});
