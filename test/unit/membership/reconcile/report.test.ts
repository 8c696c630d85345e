import { expect, test } from "vitest";
import type { Wish } from "../../../../src/domain/membership/membership.ts";
import { createReporter, type MembershipEvent } from "../../../../src/membership/reconcile/report.ts";

const empty = { targets: [], records: [] };
const wish: Wish = {
  ...{ want: "in", by: "run", reason: "every gate passed", since: "2026-01-01T00:00:00.000Z", bootId: "a" },
  ...{ places: empty, former: empty, tags: {} },
};

test("a stage that needs no work begins and ends, and takes no less than no time", () => {
  let ticks = 0;
  const heard: MembershipEvent[] = [];
  const report = createReporter(
    wish,
    ["dns", "tags"],
    () => (ticks += 1),
    (event) => heard.push(event),
  );
  report.finishUpTo(new Set(["tags"]));
  report.fail("tags", new Error("no"));
  expect(heard.map(({ type }) => type)).toEqual(["stage-started", "stage-finished", "stage-started", "stage-finished"]);
  const durations = heard.flatMap((event) => (event.type === "stage-finished" ? [event.durationMs] : []));
  for (const duration of durations) expect(duration).toBeGreaterThanOrEqual(0);
});

test("waits that there is no time for are reported once in a pass, and nothing while there is time", () => {
  const heard: MembershipEvent[] = [];
  const report = createReporter(
    wish,
    ["dns"],
    () => 0,
    (event) => heard.push(event),
  );
  report.cutShort([]);
  expect(heard).toEqual([]);
  for (const leftMs of [30_000, 20_000]) report.cutShort([{ stage: "dns", for: "ttl", leftMs }]);
  expect(heard).toEqual([
    {
      type: "notice",
      level: "warning",
      code: "leave-cut-short",
      text: "Leaving goes on although there was no time to wait: serving on until resolvers have forgotten the records",
    },
  ]);
});
