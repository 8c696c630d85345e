import { expect, test } from "vitest";
import { awsPace } from "../../../../src/adapters/aws/pace.ts";
import { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { ErrorCode } from "../../../../src/domain/errors/error-codes.ts";
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

/** When the names that a run put off are tried again within six hours, in seconds, in a group of a thousand. */
async function triesOf(code: ErrorCode): Promise<readonly number[]> {
  const clock = createVirtualClock();
  clock.freeze();
  const tries: number[] = [];
  const membership = {
    status: () => ({ wish: { want: "in", bootId: "boot-1" }, reconciling: false, size: 1_000 }),
    verify: async () => undefined,
    async reconcile() {
      tries.push(clock.monotonicMs() / 1_000);
      throw new MusterError({ code, message: "not now", hint: "Wait.", transient: true });
    },
  };
  // The run ended before the loop begins, as the daemon does it.
  const pending = {
    code,
    stage: "dns",
    text: "not now",
    since: "2026-01-01T00:00:00Z",
    nextAt: "2026-01-01T00:01:00Z",
  };
  const run = { id: "r1", finished: true };
  const status = { current: () => ({ state: "in-service", bootId: "boot-1", run, pending }) };
  const bus = { emit: () => undefined, listen: () => () => undefined };
  const end = new AbortController();
  const lifecycle = { target: async () => undefined };
  const deps = { lifecycle, membership, status, bus, clock, intervals: awsPace.intervals, beats: createBeats(clock) };
  const kept = keepMembership(deps as never, end.signal);
  await clock.advance(6 * 3_600_000);
  end.abort(new Error("the day is over"));
  await expect(kept).rejects.toThrow("the day is over");
  return tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
}

test("names that the boot run put off are wanted soon, however large the group is", async () => {
  const throttled = await triesOf("aws-throttled");
  expect(throttled.slice(0, 13)).toEqual([...Array.from({ length: 11 }, () => 60), 60, 120]);
  expect(Math.max(...throttled)).toBeLessThanOrEqual(1_500);
  const away = await triesOf("aws-unreachable");
  expect(away.slice(0, 2)).toEqual([60, 120]);
  expect(Math.max(...away)).toBeLessThanOrEqual(1_500);
});
