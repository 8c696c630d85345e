import { expect, test } from "vitest";
import { createWorld, stopPoint, story, trouble } from "../run/world.ts";
import { begin } from "./begin.ts";

test("held: not ready, runs are made again with growing waits, and success starts them anew", async () => {
  const world = await createWorld();
  world.healthy = false;
  const { muster, services } = await begin(world);
  await world.clock.advance(21_000);
  expect(muster.status.current().state).toBe("held");
  expect(services.calls).not.toContain("start muster-ready.target");
  expect(services.lines.at(-1)).toBe("held; trying again in 23 s");
  expect(muster.status.current().nextRetryAt).toBeDefined();

  await world.clock.advance(10 * 60_000);
  const waits = muster.events.flatMap((event) => (event.type === "retry-scheduled" ? [event.inMs] : []));
  expect(waits.slice(0, 4)).toEqual([22_500, 45_000, 90_000, 180_000]);

  world.healthy = true;
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "retry" } });
  expect(muster.status.current().nextRetryAt).toBeUndefined();

  const before = waits.length;
  world.healthy = false;
  const drained = muster.drain();
  await world.clock.advance(60_000);
  await drained;
  const joined = muster.join();
  await world.clock.advance(21_000);
  expect(await joined).toMatchObject({ kind: "held" });
  await world.clock.advance(1000);
  const after = muster.events.flatMap((event) => (event.type === "retry-scheduled" ? [event.inMs] : []));
  expect(after.length).toBeGreaterThan(before);
  expect(after.at(-1)).toBe(22_500);
});

test("held and restarted, or told to read its settings again: a run is made at once", async () => {
  const world = await createWorld();
  world.healthy = false;
  const { muster, processes, reloads } = await begin(world);
  await world.clock.advance(21_000);
  expect(muster.status.current().nextRetryAt).toBeDefined();
  world.healthy = true;
  reloads.ask();
  await world.clock.advance(0);
  expect(processes[1]?.status.current()).toMatchObject({ state: "in-service", run: { cause: "retry" } });
});

test("a run that cannot even begin is said, and tried again", async () => {
  const world = await createWorld();
  world.files.failWrites(trouble("state-write-failed", true));
  const { muster } = await begin(world);
  await world.clock.advance(60_000);
  expect(story(muster.events).slice(0, 2)).toEqual(["notice state-write-failed", "state held"]);
  expect(story(muster.events).filter((line) => line === "notice state-write-failed").length).toBeGreaterThan(1);
  world.files.failWrites(undefined);
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current().state).toBe("in-service");
});

test("a bug in a retry is said and does not end the daemon", async () => {
  const world = await createWorld();
  world.healthy = false;
  const { muster } = await begin(world);
  await world.clock.advance(21_000);
  const list = world.files.list.bind(world.files);
  world.files.list = () => Promise.reject(new TypeError("a bug"));
  await world.clock.advance(60_000);
  expect(story(muster.events)).toContain("notice internal");
  world.files.list = list;
  world.healthy = true;
  await world.clock.advance(10 * 60_000);
  expect(muster.status.current().state).toBe("in-service");
});

test("what the balancer forgot is put back, and nothing is said while nothing changes", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  await world.clock.advance(0);
  const before = muster.events.length;
  await world.clock.advance(10 * 60_000);
  expect(muster.events.slice(before)).toEqual([]);
  world.balancer.forgetAll();
  await world.clock.advance(60_000);
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
  expect(story(muster.events.slice(before))).toEqual(["notice membership-repaired"]);
});

test("an instance whose names are put off asks more and more seldom, and says when it asks again", async () => {
  const world = await createWorld();
  world.dns.trouble = trouble("aws-throttled", true);
  const { muster } = await begin(world);
  await world.clock.advance(30_000);
  expect(muster.status.current()).toMatchObject({ state: "in-service", pending: { stage: "dns" } });
  const looks: number[] = [];
  for (let minute = 0; minute < 20; minute += 1) {
    const before = world.dns.looks;
    await world.clock.advance(60_000);
    looks.push(world.dns.looks - before);
  }
  expect(looks[0]).toBeLessThanOrEqual(2);
  expect(looks.slice(-4).reduce((sum, count) => sum + count)).toBeLessThanOrEqual(2);
  const { pending } = muster.status.current();
  expect(Date.parse(pending?.nextAt ?? "")).toBeGreaterThan(world.clock.now().getTime());
  expect(world.balancer.calls).toEqual(["register web-dev/i-1-80"]);
  expect(story(muster.events).filter((line) => line === "notice aws-throttled").length).toBeLessThanOrEqual(2);

  world.dns.trouble = undefined;
  await world.clock.advance(3 * 60_000);
  expect(world.dns.records()).toHaveLength(1);
  expect(muster.status.current()).not.toHaveProperty("pending");
  expect(story(muster.events)).not.toContain("notice membership-repaired");
});

test("trouble in the watch is said once, and once more when it comes back", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  await world.clock.advance(0);
  const before = muster.events.length;
  const said = () => story(muster.events.slice(before));
  world.balancer.passes = () => false;
  await world.clock.advance(5 * 60_000);
  expect(said()).toEqual(["notice membership-unsettled"]);
  world.balancer.passes = () => true;
  await world.clock.advance(5 * 60_000);
  world.balancer.passes = () => false;
  await world.clock.advance(5 * 60_000);
  expect(said()).toEqual(["notice membership-unsettled", "notice membership-unsettled"]);
  expect(muster.status.current().state).toBe("in-service");
});

test("the watch leaves a run alone, and a drain that serves on", async () => {
  const world = await createWorld();
  const { muster } = await begin(world);
  await world.clock.advance(0);
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  world.balancer.forgetAll();
  await world.clock.advance(5 * 60_000);
  expect(world.balancer.members()).toEqual([]);
  point.go();
  await running;
  expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
});

test("a drain that the daemon's end interrupts is ended by the next daemon", async () => {
  const world = await createWorld();
  const first = await begin(world);
  await world.clock.advance(0);
  world.dns.trouble = trouble("dns-refused");
  const drained = expect(first.muster.drain()).rejects.toMatchObject({ code: "dns-refused" });
  await world.clock.advance(5 * 60_000);
  await drained;
  expect(first.muster.status.current().state).toBe("leaving");
  await first.stop();
  world.dns.trouble = undefined;
  const { muster } = await begin(world);
  // It is gone on with at once, and takes as long as resolvers remember the record.
  await world.clock.advance(35_000);
  expect(world.dns.records()).toEqual([]);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });
});
