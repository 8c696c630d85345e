import { expect, test } from "vitest";
import { awsPace } from "../../../../src/adapters/aws/pace.ts";
import { createBeats } from "../../../../src/daemon/controllers/beats.ts";
import { keepMembership } from "../../../../src/daemon/controllers/keep-membership.ts";
import { createVirtualClock } from "../../../fakes/virtual-clock.ts";

/** How often an idle instance of a group of this size observes within a day. */
async function passesOfADay(size: number | undefined): Promise<number> {
  const clock = createVirtualClock();
  clock.freeze();
  let passes = 0;
  const membership = {
    status: () => ({ wish: { want: "in", bootId: "boot-1" }, reconciling: false, size }),
    verify: async () => undefined,
    reconcile: async () => {
      passes += 1;
      return { kind: "agrees", want: "in", changed: false };
    },
  };
  const status = { current: () => ({ state: "in-service", bootId: "boot-1", run: { id: "r1", finished: true } }) };
  const bus = { emit: () => undefined, listen: () => () => undefined };
  const end = new AbortController();
  const lifecycle = { target: async () => undefined };
  const deps = { lifecycle, membership, status, bus, clock, intervals: awsPace.intervals, beats: createBeats(clock) };
  const kept = keepMembership(deps as never, end.signal);
  await clock.advance(24 * 3_600_000);
  end.abort(new Error("the day is over"));
  await expect(kept).rejects.toThrow("the day is over");
  return passes;
}

test("a large group observes more seldom: its members share the requests of one account", async () => {
  expect(await passesOfADay(undefined)).toBe(288);
  expect(await passesOfADay(5)).toBe(288);
  expect(await passesOfADay(100)).toBe(20);
  expect(await passesOfADay(1_000)).toBe(2);
});
