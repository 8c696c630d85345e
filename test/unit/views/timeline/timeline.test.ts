import { describe, expect, test } from "vitest";
import type { EventBody } from "../../../../src/domain/run/events.ts";
import { summaryOf } from "../../../../src/views/timeline/words.ts";
import { pathOf, stagesOf } from "./lines.ts";
import * as tapes from "./tape.ts";
import { begins, calls, ends, finished, read, recordingOf, returns, run, started, tape, waits } from "./tape.ts";

function call(ms: number): [number, EventBody] {
  return [
    ms * 100,
    { type: "cloud-call", stage: "register", operation: `call ${ms}`, durationMs: ms % 50, attempts: 1 },
  ];
}

describe("a first boot", () => {
  const timeline = read(tapes.firstBoot);

  test("what it was", () => {
    expect(timeline).toMatchObject({
      ...{ run, cause: "boot", startType: "first-boot", role: "web", environment: "dev", state: "finished" },
      ...{ startedAt: "2026-11-21T04:00:00.000Z", durationMs: 8100, gaps: [], leftOut: 0, unreadable: 0, full: false },
      ...{ commit: "993e40fd01845019f85832ef22026d7962e6fec4", end: { kind: "in-service", changed: true } },
    });
  });

  test("of which not all was recorded says so", () => {
    const mark: EventBody = { type: "notice", level: "warning", code: "recording-full", text: "full" };
    const cut = read(tape([0, started()], [10, begins("converge")], [20, mark], [90, finished()]));
    expect(cut).toMatchObject({ full: true, state: "finished", durationMs: 90 });
    expect(summaryOf(cut)).toMatch(/; the recording was full: what came later is missing$/);
  });

  test("with thousands of calls in one stage shows the longest, and says how many it left out", () => {
    const polls = Array.from({ length: 5_000 }, (_, index) => call(index + 1));
    const long = read(tape([0, started()], [1, begins("register")], ...polls, [600_000, finished()]));
    expect(long.stages[0]?.work).toHaveLength(1_000);
    expect(Math.min(...(long.stages[0]?.work ?? []).map(({ fromMs, toMs }) => toMs - fromMs))).toBe(40);
    expect(long.leftOut).toBe(4_000);
    expect(summaryOf(long)).toContain("; 4000 short commands, calls and waits are not shown");
  });

  test("its stages; what overlaps is in another lane", () => {
    expect(stagesOf(timeline)).toEqual([
      "clock 5-20 unchanged 0",
      "config 25-350 changed 0",
      "index 26-1042 unchanged 1",
      "converge 1050-6070 changed 0",
      "health 6080-6290 unchanged 0",
      "register 6300-8020 changed 0",
    ]);
    expect(timeline.stages[1]?.work).toEqual([
      { kind: "command", name: "git fetch", fromMs: 30, toMs: 330, ended: "ok", lane: 0 },
      { kind: "command", name: "git log", fromMs: 331, toMs: 336, ended: "ok", lane: 0 },
      { kind: "command", name: "git ls-tree", fromMs: 332, toMs: 338, ended: "ok", lane: 1 },
    ]);
    expect(timeline.stages[3]?.work).toMatchObject([{ name: "puppet apply", ended: "exit 2" }]);
  });

  test("a call ends when it is told of, and lasted as long as it says", () => {
    expect(timeline.stages[5]?.work.map(({ name, fromMs, toMs }) => [name, fromMs, toMs])).toEqual([
      ["elbv2:RegisterTargets", 6350, 6500],
      ["elbv2:DescribeTargetHealth", 6960, 7010],
      ["elbv2:DescribeTargetHealth", 7960, 8010],
    ]);
  });

  test("a wait lasts until the stage goes on or ends", () => {
    expect(timeline.stages[4]?.waits).toEqual([{ fromMs: 6085, toMs: 6285, text: "nginx.service is activating" }]);
    expect(timeline.stages[5]?.waits).toMatchObject([{ fromMs: 6510, toMs: 8020 }]);
  });

  test("its critical path goes through the index, which took longer than config, and looks into no wait", () => {
    expect(pathOf(timeline)).toEqual([
      "0-5 own",
      "5-20 own clock",
      "20-26 own",
      "26-40 own index",
      "40-1040 command index apt-get update",
      "1040-1042 own index",
      "1042-1050 own",
      "1050-1060 own converge",
      "1060-6060 command converge puppet apply",
      "6060-6070 own converge",
      "6070-6080 own",
      "6080-6085 own health",
      "6085-6285 wait health",
      "6285-6290 own health",
      "6290-6300 own",
      "6300-6350 own register",
      "6350-6500 call register elbv2:RegisterTargets",
      "6500-6510 own register",
      "6510-8020 wait register",
      "8020-8100 own",
    ]);
    expect(timeline.totals).toEqual({
      ...{ commandsMs: 6000, callsMs: 150, waitsMs: 1710, awayMs: 0, ownMs: 240 },
      slowest: { stage: "converge", name: "puppet apply", ms: 5000 },
    });
  });
});

test("of commands side by side the one is waited for that what follows waited for", () => {
  const timeline = read(
    tape(
      ...([
        [0, started()],
        [0, begins("config")],
        [0, calls("config", 1, "long")],
        [0, calls("config", 2, "short")],
      ] as const),
      ...([
        [400, returns("config", 2)],
        [405, calls("config", 3, "next")],
        [1000, returns("config", 1)],
      ] as const),
      ...([
        [1050, returns("config", 3)],
        [1050, ends("config")],
        [1050, finished()],
      ] as const),
    ),
  );
  expect(pathOf(timeline)).toEqual([
    "0-400 command config short",
    "400-405 own config",
    "405-1050 command config next",
  ]);
});

test("a stage that begins late beside another was not held up by that", () => {
  const timeline = read(
    tape(
      ...([
        [0, started()],
        [0, begins("clock")],
        [10, ends("clock")],
        [20, begins("config")],
      ] as const),
      ...([
        [60, begins("index")],
        [500, ends("config")],
        [900, ends("index")],
        [900, finished()],
      ] as const),
    ),
  );
  expect(pathOf(timeline)).toEqual(["0-10 own clock", "10-60 own", "60-900 own index"]);
});

test("what is under way ends now, whatever the clock says", () => {
  const recording = tape([0, started()], [10, begins("converge")], [20, calls("converge", 1, "puppet apply")]);
  const now = { at: "1970-01-01T00:00:00.000Z", upMs: tapes.bootedBefore + 3000, boot: "boot-1" };
  const timeline = read(recording, now);
  expect(timeline).toMatchObject({ state: "running", durationMs: 3000 });
  expect(timeline.stages).toMatchObject([{ outcome: "running", toMs: 3000, work: [{ toMs: 3000, ended: "running" }] }]);
});

test("a clock that is set in mid-run changes no length", () => {
  const { events } = tapes.firstBoot;
  const stepped = events.map((event, index) => (index < 10 ? event : { ...event, at: "2031-01-01T00:00:00.000Z" }));
  expect(read(recordingOf(stepped))).toEqual(read(tapes.firstBoot));
});

test("a branch that was cancelled ends when it was last heard of, not with the run", () => {
  const timeline = read(
    tape(
      ...([
        [0, started()],
        [1, begins("config")],
        [2, begins("index")],
        [3, calls("index", 1, "apt-get update")],
      ] as const),
      ...([
        [500, ends("config", { outcome: "failed" })],
        [510, returns("index", 1)],
        [9000, finished("held")],
      ] as const),
    ),
  );
  expect(stagesOf(timeline)).toEqual(["config 1-500 failed 0", "index 2-510 interrupted 1"]);
});

test("what was done before an interruption is told once, and what was skipped at its moment", () => {
  const skipped = ends("health", { outcome: "skipped", durationMs: 0 });
  const replayed = ends("config", { outcome: "replayed", durationMs: 0 });
  const timeline = read(
    tape([0, started()], [1, begins("config")], [9, ends("config")], [20, replayed], [30, skipped], [40, finished()]),
  );
  expect(stagesOf(timeline)).toEqual(["config 1-9 changed 0", "health 30-30 skipped 0"]);
});

test("what the agent does for itself beside a stage is not the stage's", () => {
  const timeline = read(
    tape([0, started()], [1, calls("config", 1, "systemd-notify")], [9, returns("config", 1)], [10, finished()]),
  );
  expect([timeline.stages, timeline.totals.ownMs]).toEqual([[], 10]);
});

test("recordings of older binaries have no time since the boot: the wall clock counts", () => {
  const events = tapes.firstBoot.events.map(({ upMs: _, ...event }) => event);
  expect(read(recordingOf(events)).durationMs).toBe(8100);
});

test("a wait in the middle of a command is a wait", () => {
  const timeline = read(
    tape(
      ...([
        [0, started()],
        [0, begins("index")],
        [0, calls("index", 1, "apt-get update")],
      ] as const),
      ...([
        [100, waits("index", "unattended-upgr holds the lock")],
        [600, waits("index", "reading", false)],
      ] as const),
      ...([
        [900, returns("index", 1)],
        [900, ends("index")],
        [900, finished()],
      ] as const),
    ),
  );
  expect(pathOf(timeline)).toEqual([
    "0-100 command index apt-get update",
    "100-600 wait index",
    "600-900 command index apt-get update",
  ]);
});
