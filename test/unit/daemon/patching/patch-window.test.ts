import { expect, it } from "vitest";
import { leftOf, watchWindows } from "../../../../src/daemon/patching/patch-window.ts";
import { createFakeScheduler } from "../../../fakes/scheduler.ts";
import { never } from "../../run/world.ts";
import { minute, serving } from "./patching.ts";

const window = { opensAt: "2026-11-21T02:00:00.000Z", closesAt: "2026-11-21T04:00:00.000Z" };

it.each([
  ["while it is open", "2026-11-21T03:00:00Z", 3_600_000],
  ["when it has closed", "2026-11-21T04:00:00Z", 0],
  ["of a clock that was ten years ahead, and is set", "2016-11-21T03:00:00Z", 0],
])("a window, %s", (_, now, left) => {
  expect(leftOf(window, new Date(now))).toBe(left);
});

/** Windows of two hours at one and at four o'clock, watched from midnight on. */
async function watched() {
  const world = await serving();
  const muster = await world.start();
  await muster.executor.start(never);
  const { clock, files } = world;
  clock.freeze();
  const failures: unknown[] = [];
  const deps = { files, clock, duty: muster.duty, scheduler: createFakeScheduler() };
  const windows = await watchWindows(deps, (error) => failures.push(error));
  let open: typeof window | undefined;
  void windows.next(never).then((found) => (open = found));
  return { clock, windows, failures, open: () => open };
}

it.each([
  ["for hours, and wakes when the window is over", 3.5, undefined],
  ["for hours, and wakes within the window", 2.5, ["2026-01-01T01:00", "2026-01-01T03:00"]],
  ["for days, and wakes within a window", 72 + 4.5, ["2026-01-04T04:00", "2026-01-04T06:00"]],
])("a machine sleeps %s: it patches within windows alone", async (_, hours, expected) => {
  const { clock, windows, open, failures } = await watched();
  clock.step(hours * 60 * minute);
  await clock.advance(2 * minute);
  const found = open();
  expect(found && [found.opensAt.slice(0, 16), found.closesAt.slice(0, 16)]).toEqual(expected);
  expect(failures).toEqual([]);
  windows.end();
});

it("a clock that was ten years behind opens no window when it is set", async () => {
  const { clock, windows, open } = await watched();
  clock.step(3652 * 24 * 60 * minute + 210 * minute);
  await clock.advance(2 * minute);
  expect(open()).toBeUndefined();
  await clock.advance(30 * minute);
  expect(open()).toMatchObject({ opensAt: expect.stringMatching(/T04:00:00/) as string });
  windows.end();
});
