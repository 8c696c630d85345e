import { expect, test } from "vitest";
import { catalogue, createWorld, stopPoint, type World } from "../../run/world.ts";
import { begin } from "../begin.ts";

const every = 10_000;

async function serving(world: World) {
  const begun = await begin(world);
  await world.clock.advance(0);
  expect(begun.muster.status.current().state).toBe("in-service");
  return begun;
}

test("after `fall` failures in a row it reports why, once, and takes it back after `rise` passes", async () => {
  const world = await createWorld();
  const { departures, muster } = await serving(world);
  expect(departures.current()).toEqual([]);
  world.healthy = false;
  await world.clock.advance(2 * every);
  expect(departures.current()).toEqual([]);
  expect(muster.status.current().health).toMatchObject({ healthy: true, checks: [{ ok: false, seen: "failed" }] });
  await world.clock.advance(every);
  const departure = {
    kind: "unhealthy",
    id: "unhealthy 2026-01-01T00:00:30.000Z",
    text: "not healthy: service check unit nginx.service",
  };
  expect(departures.current()).toEqual([departure]);
  expect(muster.status.current().health?.healthy).toBe(false);
  world.healthy = true;
  await world.clock.advance(2 * every);
  expect(departures.current()).toEqual([departure]);
  await world.clock.advance(every);
  expect(departures.current()).toEqual([]);
  expect(muster.status.current().health?.healthy).toBe(true);
});

test("status is written when something is new, not with every look", async () => {
  const world = await createWorld();
  const { muster } = await serving(world);
  const told = () => muster.events.filter(({ type }) => type === "health-changed").length;
  expect(told()).toBe(1);
  await world.clock.advance(60 * every);
  expect(told()).toBe(1);
  world.healthy = false;
  await world.clock.advance(60 * every);
  // That the check fails, and that it has failed often enough.
  expect(told()).toBe(3);
});

test("what a run restarts is not sick: nothing is looked at while it works, and counts begin anew", async () => {
  const world = await createWorld();
  const { departures, muster } = await serving(world);
  world.healthy = false;
  await world.clock.advance(2 * every);
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  await world.clock.advance(20 * every);
  expect(departures.current()).toEqual([]);
  world.healthy = true;
  point.go();
  await running;
  world.healthy = false;
  await world.clock.advance(2 * every);
  expect(departures.current()).toEqual([]);
  await world.clock.advance(every);
  expect(departures.current()).toHaveLength(1);
});

test("nobody watches what a person took out, nor a role without checks", async () => {
  const world = await createWorld();
  const { departures, muster } = await serving(world);
  world.healthy = false;
  const leaving = muster.drain();
  await world.clock.advance(60_000);
  await leaving;
  await world.clock.advance(20 * every);
  expect(departures.current()).toEqual([]);
  expect(muster.status.current().health).toBeUndefined();

  world.healthy = true;
  await world.repo.remote.commitFiles(catalogue({ health: {} }), "no checks");
  await muster.join();
  await muster.run();
  world.healthy = false;
  await world.clock.advance(20 * every);
  expect(departures.current()).toEqual([]);
});

test("a daemon that begins while the instance is out for its health reports that before it has risen", async () => {
  const world = await createWorld();
  const first = await serving(world);
  world.healthy = false;
  await world.clock.advance(3 * every);
  const before = first.departures.current();
  expect(before).toHaveLength(1);
  const leaving = first.muster.ask("out", "health");
  await world.clock.advance(60_000);
  await leaving;
  await first.stop();

  const second = await begin(world);
  await world.clock.advance(0);
  expect(second.departures.current()).toMatchObject([{ kind: "unhealthy", id: before[0]?.id }]);
  world.healthy = true;
  await world.clock.advance(4 * every);
  expect(second.departures.current()).toEqual([]);
});
