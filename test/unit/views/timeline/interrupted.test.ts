import { describe, expect, test } from "vitest";
import { timelineOf } from "./whole.ts";
import { pathOf, stagesOf } from "./lines.ts";
import * as tapes from "./tape.ts";
import { begins, calls, ends, finished, read, recordingOf, returns, stamped, started } from "./tape.ts";

describe("an interrupted run", () => {
  const before = [started(), begins("converge"), calls("converge", 7, "puppet apply")];

  test("goes on with another agent: what was open ended when it was last heard of", () => {
    const timeline = read(
      recordingOf([
        ...before.map((event, index) => stamped(event, index * 100)),
        stamped({ ...started({ resumed: true, startType: "crash-restart" }) }, 5000),
        stamped(begins("converge"), 5100),
        // Ids begin anew, and this is another command.
        stamped(calls("converge", 7, "puppet apply"), 5100),
        stamped(returns("converge", 7), 6000),
        stamped(ends("converge"), 6000),
        stamped(finished(), 6000),
      ]),
    );
    expect(stagesOf(timeline)).toEqual(["converge 100-200 interrupted 0", "converge 5100-6000 changed 0"]);
    expect(timeline.gaps).toEqual([{ fromMs: 200, toMs: 5000, why: "agent" }]);
    expect(timeline.startType).toBe("first-boot");
    expect(pathOf(timeline)).toContain("200-5000 away");
    expect(timeline.totals.awayMs).toBe(4800);
  });

  test("goes on after a boot: only the wall clock knows how long that took", () => {
    const resumed = stamped(started({ resumed: true, boot: "boot-2" }), 30_000, 12_000);
    const events = [...before.map((event) => stamped(event, 0)), resumed, stamped(finished(), 30_500, 12_500)];
    expect(read(recordingOf(events))).toMatchObject({
      gaps: [{ fromMs: 0, toMs: 30_000, why: "machine" }],
      durationMs: 30_500,
    });
  });

  test("goes on after a boot that set the clock back: nothing runs backwards", () => {
    const resumed = stamped(started({ resumed: true, boot: "boot-2" }), -90_000, 12_000);
    const events = [...before.map((event) => stamped(event, 0)), resumed, stamped(finished(), -89_500, 12_500)];
    expect(read(recordingOf(events))).toMatchObject({ gaps: [], durationMs: 500 });
  });

  test("finished only as far as a planned reboot", () => {
    const planned = stamped(finished(), 100);
    const resumed = stamped(started({ resumed: true, boot: "boot-2" }), 20_000, 9000);
    const events = [stamped(started(), 0), planned, resumed, stamped(finished("held"), 21_000, 10_000)];
    expect(read(recordingOf(events))).toMatchObject({ durationMs: 21_000, end: { kind: "held" } });
  });

  test("was not taken up since: it ends with what was heard last", () => {
    const recording = recordingOf(before.map((event, index) => stamped(event, index * 100)));
    const expected = { state: "interrupted", durationMs: 200, stages: [{ outcome: "interrupted", toMs: 200 }] };
    expect(read(recording)).toMatchObject(expected);
    expect(read(recording, { at: "2026-11-21T05:00:00.000Z", upMs: 5000, boot: "boot-2" })).toMatchObject(expected);
  });

  test("of which nothing was recorded is none", () => {
    expect(timelineOf(recordingOf([]))).toBeUndefined();
    expect(timelineOf({ run: "0004-aaaa", events: tapes.firstBoot.events, unreadable: 0 })).toBeUndefined();
  });
});
