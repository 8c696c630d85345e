import { expect, test } from "vitest";
import { pauseKeeperOf } from "../../../../src/app/assembly/daemon.ts";
import { pauseFile } from "../../../../src/run/state/pause-file.ts";
import { createWorld, identity, never, stopPoint, trouble } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const request = { reason: "looking at a disk", by: "alice", forMs: 3_600_000 };
const tag = "until 2026-01-01T01:00:00Z by alice: looking at a disk";

async function paused() {
  const world = await createWorld();
  const first = await begin(world);
  await world.clock.advance(0);
  await first.muster.pause.begin(request);
  await world.clock.advance(0);
  return { world, ...first };
}

test("a pause shows in status and tags, stops what the schedule asks for, and ends by itself", async () => {
  const { world, muster } = await paused();
  expect(muster.status.current().pause).toEqual({
    reason: "looking at a disk",
    by: "alice",
    since: "2026-01-01T00:00:00.000Z",
    until: "2026-01-01T01:00:00.000Z",
  });
  expect(world.tags.current()).toMatchObject({ "muster:paused": tag, "muster:state": "in-service" });
  await world.clock.advance(3_599_000);
  expect(runsOf(muster.events)).toBe(1);

  await world.clock.advance(1000);
  expect(muster.status.current().pause).toBeUndefined();
  expect(world.tags.current()["muster:paused"]).toBe("no");
  expect(world.files.texts.has(pauseFile.name)).toBe(false);
  await world.clock.advance(60_000);
  expect(runsOf(muster.events)).toBe(2);
  expect(muster.events.filter(({ type }) => type === "pause-changed")).toMatchObject([
    { pause: { by: "alice" } },
    { over: "expired" },
  ]);
  expect(muster.events.map((event) => event.type === "notice" && event.code)).not.toContain("membership-repaired");
});

test("a later pause takes the place of an earlier one, and resume ends it at once", async () => {
  const { world, muster } = await paused();
  await muster.pause.begin({ ...request, reason: "another", forMs: 7_200_000 });
  await world.clock.advance(3_600_000);
  expect(muster.pause.current()?.reason).toBe("another");
  expect(world.tags.current()["muster:paused"]).toBe("until 2026-01-01T02:00:00Z by alice: another");
  expect(await muster.pause.end()).toMatchObject({ reason: "another" });
  await world.clock.advance(0);
  expect(muster.status.current().pause).toBeUndefined();
  expect(world.tags.current()["muster:paused"]).toBe("no");
  expect(await muster.pause.end()).toBeUndefined();
});

test("one that was resumed is told once, and has not expired as well", async () => {
  const { world, muster } = await paused();
  await muster.pause.end();
  await world.clock.advance(2 * 3_600_000);
  expect(muster.events.filter(({ type }) => type === "pause-changed")).toMatchObject([
    { pause: { by: "alice" } },
    { over: "resumed" },
  ]);
});

test("a pause outlives the daemon, and the time that passes without one counts", async () => {
  const { world, stop } = await paused();
  await stop();
  await world.clock.advance(3_000_000);
  const second = await begin(world);
  await world.clock.advance(0);
  expect(second.muster.pause.leftMs()).toBe(600_000);
  expect(second.muster.status.current().pause?.reason).toBe("looking at a disk");
  await second.stop();
  await world.clock.advance(600_000);
  const third = await begin(world);
  await world.clock.advance(0);
  expect(third.muster.pause.current()).toBeUndefined();
  expect(third.muster.status.current().pause).toBeUndefined();
  expect(world.tags.current()["muster:paused"]).toBe("no");
});

test("a disk that takes nothing more keeps nobody paused", async () => {
  const { world, muster } = await paused();
  world.files.remove = () => Promise.reject(trouble("state-write-failed"));
  await world.clock.advance(3_600_000);
  expect(muster.status.current().pause).toBeUndefined();
  expect(muster.pause.current()).toBeUndefined();
});

test("a pause outlives a reboot", async () => {
  const { world, stop } = await paused();
  await stop();
  world.bootId = "boot-2";
  await world.clock.advance(60_000);
  const { muster } = await begin(world);
  await world.clock.advance(0);
  expect(muster.pause.leftMs()).toBe(3_540_000);
  expect(runsOf(muster.events)).toBe(1);
});

test("a pause that an image brought along is none", async () => {
  const { world, stop } = await paused();
  await stop();
  world.bootId = "boot-2";
  world.identity = () => ({ ...identity, instance: { ...identity.instance, id: "i-2" } });
  // The new instance has tags of its own.
  await world.tags.write({ "muster:state": "new", "muster:paused": "no" }, never);
  const written = world.tags.writes.length;
  const { muster } = await begin(world);
  await world.clock.advance(0);
  expect(muster.pause.current()).toBeUndefined();
  expect(muster.status.current().pause).toBeUndefined();
  expect(world.files.texts.has(pauseFile.name)).toBe(false);
  expect(world.tags.writes.slice(written).map((tags) => tags["muster:paused"])).not.toContain(tag);
});

test("a pause whose time is over before the boot run is, is none afterwards", async () => {
  const { world, stop } = await paused();
  await stop();
  world.bootId = "boot-2";
  const point = stopPoint();
  world.engine.during = point.here;
  const { muster } = await begin(world);
  await point.reached;
  expect(muster.status.current().pause).toBeDefined();
  await world.clock.advance(3_600_000);
  point.go();
  await world.clock.advance(0);
  expect(muster.status.current().pause).toBeUndefined();
  expect(world.tags.current()["muster:paused"]).toBe("no");
  expect(muster.events.filter(({ type }) => type === "pause-changed")).toMatchObject([{ over: "expired" }]);
});

test("what was asked for without a daemon is known to the next one, and can be ended before its boot run", async () => {
  const { world, stop } = await paused();
  await stop();
  const muster = await world.start();
  expect(await pauseKeeperOf(muster).end()).toMatchObject({ by: "alice" });
  expect(muster.status.current().pause).toBeUndefined();
});

test("nothing is said of pauses where there never was one", async () => {
  const world = await createWorld();
  await begin(world);
  await world.clock.advance(0);
  expect(Object.keys(world.tags.current())).not.toContain("muster:paused");
});

test.for(["", "{", "null", '{"v":1}', '{"v":2}'])("a pause file that holds %j is none", async (text) => {
  const world = await createWorld();
  world.files.texts.set(pauseFile.name, text);
  const { muster } = await begin(world);
  await world.clock.advance(0);
  expect(muster.pause.current()).toBeUndefined();
});

test("nobody can write down a pause for longer than a day", async () => {
  const { world, stop } = await paused();
  await stop();
  const text = world.files.texts.get(pauseFile.name) ?? "";
  world.files.texts.set(pauseFile.name, text.replace('"until":"2026-01-01T', '"until":"2026-01-04T'));
  world.bootId = "boot-2";
  await world.clock.advance(1000);
  const { muster } = await begin(world);
  await world.clock.advance(0);
  expect(muster.pause.current()).toBeUndefined();
});

test("a held instance is not tried again while it is paused, and at once after that", async () => {
  const world = await createWorld();
  world.healthy = false;
  const { muster } = await begin(world);
  await world.clock.advance(21_000);
  expect(muster.status.current()).toMatchObject({ state: "held", nextRetryAt: expect.any(String) as string });
  const runs = runsOf(muster.events);
  await muster.pause.begin(request);
  await world.clock.advance(0);
  expect(muster.status.current().nextRetryAt).toBeUndefined();
  await world.clock.advance(3_000_000);
  expect(runsOf(muster.events)).toBe(runs);

  await muster.pause.end();
  await world.clock.advance(0);
  expect(runsOf(muster.events)).toBe(runs + 1);
  expect(muster.events.findLast(({ type }) => type === "run-started")).toMatchObject({ cause: "retry" });
  // It fails again, and is tried as before.
  await world.clock.advance(60_000);
  expect(muster.status.current()).toMatchObject({ state: "held", nextRetryAt: expect.any(String) as string });
  await world.clock.advance(600_000);
  expect(runsOf(muster.events)).toBeGreaterThan(runs + 1);
});

test("a pause that outlives the agent keeps its successor from trying again, until it expires", async () => {
  const world = await createWorld();
  world.healthy = false;
  const first = await begin(world);
  await world.clock.advance(21_000);
  await first.muster.pause.begin(request);
  await first.stop();
  const { muster } = await begin(world);
  await world.clock.advance(3_500_000);
  expect(runsOf(muster.events)).toBe(0);
  expect(muster.status.current()).toMatchObject({ state: "held", pause: { by: "alice" } });
  await world.clock.advance(200_000);
  expect(runsOf(muster.events)).toBeGreaterThan(0);
});
