import { expect, test } from "vitest";
import type { EventBody } from "../../../src/domain/run/events.ts";
import { keepingHooks } from "../../../src/scaling-group/heartbeats.ts";
import { createFakeLifecycle, launchHook, launching, type FakeLifecycle } from "../../fakes/lifecycle.ts";
import { createVirtualClock, type VirtualClock } from "../../fakes/virtual-clock.ts";
import { never, trouble } from "../run/world.ts";

const minute = 60_000;

function begin(lifecycle: FakeLifecycle): {
  clock: VirtualClock;
  events: EventBody[];
  deps: Parameters<typeof keepingHooks>[0];
} {
  const clock = createVirtualClock();
  const events: EventBody[] = [];
  return { clock, events, deps: { lifecycle, clock, emit: (event) => void events.push(event) } };
}

test("beats at half the heartbeat time-out for as long as the work lasts", async () => {
  const lifecycle = createFakeLifecycle(launching([], [launchHook("ready", 600)]));
  const { clock, deps } = begin(lifecycle);
  await keepingHooks(deps, never, () => clock.sleep(16 * minute, never));
  expect(lifecycle.calls).toEqual(Array.from({ length: 4 }, () => "heartbeat web/ready"));
  expect(clock.sleepers()).toBe(0);
});

test("the shortest hook sets the pace of all", async () => {
  const lifecycle = createFakeLifecycle(launching([], [launchHook("slow", 3_600), launchHook("quick", 60)]));
  const { clock, deps } = begin(lifecycle);
  await keepingHooks(deps, never, () => clock.sleep(45_000, never));
  expect(lifecycle.calls.filter((call) => call === "heartbeat web/quick")).toHaveLength(2);
});

test("launch hooks of which nothing says whose they are are kept waiting", async () => {
  const unclaimed = [launchHook("ready", 600), launchHook("theirs", 600)];
  const lifecycle = createFakeLifecycle({ ...launching([], []), unclaimed });
  const { clock, deps } = begin(lifecycle);
  lifecycle.heartbeat = async (group, hook) => void beaten.push(`${group}/${hook}`);
  const beaten: string[] = [];
  await keepingHooks(deps, never, () => clock.sleep(minute, never));
  expect(beaten).toEqual(["web/ready", "web/theirs"]);
});

test("ends when the hook is completed, and when Auto Scaling waits no longer", async () => {
  const lifecycle = createFakeLifecycle(launching([], [launchHook("ready", 60)]));
  const { clock, deps } = begin(lifecycle);
  await keepingHooks(deps, never, async () => {
    await clock.sleep(40_000, never);
    await lifecycle.complete("web", "ready", "continue", never);
    await clock.sleep(10 * minute, never);
  });
  expect(lifecycle.calls).toEqual(["heartbeat web/ready", "heartbeat web/ready", "CONTINUE web/ready"]);
  expect(lifecycle.looks).toBe(3);
});

test("waits for hooks that do not wait yet", async () => {
  const waiting = launching([], [launchHook("ready", 600)]);
  const lifecycle = createFakeLifecycle({ ...waiting, state: "launching", pending: [] });
  const { clock, deps } = begin(lifecycle);
  await keepingHooks(deps, never, async () => {
    await clock.sleep(12_000, never);
    lifecycle.group = waiting;
    await clock.sleep(12_000, never);
  });
  expect(lifecycle.calls).toEqual(["heartbeat web/ready"]);
});

test("a group that is not known yet is asked about again soon, and nothing is told", async () => {
  const lifecycle = createFakeLifecycle(launching([], [launchHook("ready", 20)]));
  lifecycle.trouble = trouble("group-late", true);
  const { clock, events, deps } = begin(lifecycle);
  await keepingHooks(deps, never, async () => {
    await clock.sleep(60_000, never);
    lifecycle.trouble = undefined;
    await clock.sleep(8_000, never);
  });
  expect(lifecycle.calls).toEqual(["heartbeat web/ready"]);
  expect(events).toEqual([]);
});

test("trouble is told once, tried again, and fails no work", async () => {
  const lifecycle = createFakeLifecycle(launching([], [launchHook("ready", 600)]));
  lifecycle.trouble = trouble("aws-unreachable", true);
  const { clock, events, deps } = begin(lifecycle);
  const done = await keepingHooks(deps, never, async () => {
    await clock.sleep(2 * minute, never);
    lifecycle.trouble = undefined;
    await clock.sleep(2 * minute, never);
    return "done";
  });
  expect(done).toBe("done");
  expect(events).toMatchObject([{ type: "notice", code: "aws-unreachable" }]);
  expect(lifecycle.calls).toEqual(["heartbeat web/ready"]);
});

test("work that fails, and an abort, end it too", async () => {
  const lifecycle = createFakeLifecycle(launching([]));
  const { clock, deps } = begin(lifecycle);
  await expect(keepingHooks(deps, never, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  const cancel = new AbortController();
  const cancelled = keepingHooks(deps, cancel.signal, () => clock.sleep(60 * minute, cancel.signal));
  cancel.abort(new Error("enough"));
  await expect(cancelled).rejects.toThrow("enough");
  expect(clock.sleepers()).toBe(0);
});
