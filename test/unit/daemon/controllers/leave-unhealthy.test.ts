import { expect, test } from "vitest";
import { catalogue, createWorld, stopPoint, story, trouble, type World } from "../../run/world.ts";
import { begin } from "../begin.ts";
import { group, minute, other, slot } from "../patching/patching.ts";

const every = 10_000;
const unscheduled = { schedule: {} };
const slotRule = { slot: { zone: "example.internal", name: "web-{environment}", expires: "1h" }, ...unscheduled };

/** In service, beside so many others that the balancer says healthy. */
async function serving(others: number, role: Record<string, unknown> = slotRule) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue(role), "the role");
  for (let at = 0; at < others; at += 1) {
    world.balancer.plant({ group: "web-dev", member: `i-${at + 2}-80`, address: `10.0.0.${at + 2}`, port: 80 });
  }
  const daemon = await begin(world);
  await world.clock.advance(minute);
  expect(daemon.muster.status.current().state).toBe("in-service");
  const notices = () => story(daemon.muster.events).filter((line) => line.startsWith("notice"));
  return { world, ...daemon, notices };
}

const isIn = (world: World) => world.balancer.members().includes("web-dev/i-1-80");

test("an instance whose checks fail leaves with a slot, and comes back through the gates when they pass", async () => {
  const { world, muster, notices } = await serving(1);
  world.healthy = false;
  await world.clock.advance(2 * every);
  expect(isIn(world)).toBe(true);
  await world.clock.advance(3 * minute);
  expect(isIn(world)).toBe(false);
  expect(world.slots.owners(slot)).toEqual(["i-1"]);
  expect(muster.status.current()).toMatchObject({
    state: "out-of-service",
    reason: "not healthy: service check unit nginx.service",
  });
  world.healthy = true;
  await world.clock.advance(3 * minute);
  expect(isIn(world)).toBe(true);
  expect(muster.status.current()).toMatchObject({ state: "in-service", run: { cause: "return", end: "in-service" } });
  expect(world.slots.owners(slot)).toEqual([undefined]);
  expect(notices()).toEqual([]);
});

test("the last one that serves stays and says so once, and leaves as soon as another serves", async () => {
  const { world, muster, notices } = await serving(0);
  world.healthy = false;
  await world.clock.advance(20 * minute);
  expect(isIn(world)).toBe(true);
  expect(muster.status.current()).toMatchObject({
    state: "in-service",
    reason: "not healthy, and stays in service: web-dev would be left with 0 healthy members of 1, and 1 has to stay",
  });
  expect(notices()).toEqual(["notice unhealthy-in-service"]);
  expect(world.slots.calls).toEqual([]);
  world.balancer.plant({ group: "web-dev", member: "i-2-80", address: "10.0.0.2", port: 80 });
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(false);
});

test("an instance that had to stay and is healthy again says nothing of it any more", async () => {
  const { world, muster } = await serving(0);
  const { reason } = muster.status.current();
  world.healthy = false;
  await world.clock.advance(5 * minute);
  expect(muster.status.current().reason).toMatch(/^not healthy, and stays/);
  world.healthy = true;
  await world.clock.advance(2 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service", reason });
});

test("a run that is under way comes first, and one that passes its gates has mended it", async () => {
  const { world, muster, notices } = await serving(0);
  world.healthy = false;
  await world.clock.advance(5 * minute);
  const point = stopPoint();
  world.engine.during = point.here;
  const running = muster.run();
  await point.reached;
  world.balancer.plant({ group: "web-dev", member: "i-2-80", address: "10.0.0.2", port: 80 });
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(true);
  world.healthy = true;
  point.go();
  await running;
  await world.clock.advance(5 * minute);
  expect(muster.status.current()).toMatchObject({ state: "in-service", health: { healthy: true } });
  expect(story(muster.events)).not.toContain("state leaving");
  expect(notices()).toEqual(["notice unhealthy-in-service"]);
  expect(world.slots.calls).toEqual([]);
});

test("while another holds the slot it stays, and takes its turn after", async () => {
  const { world, muster, notices } = await serving(3);
  await world.slots.take(slot, other, 60 * minute, new AbortController().signal);
  world.healthy = false;
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(true);
  expect(muster.status.current().reason).toMatch(/^not healthy, and stays in service: every slot is held: i-2 until /);
  expect(notices()).toEqual(["notice unhealthy-in-service"]);
  await world.slots.release(slot, other, new AbortController().signal);
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(false);
});

test("without a slot in the catalogue it leaves all the same, and says that nothing keeps the others", async () => {
  const { world, notices } = await serving(1, unscheduled);
  world.healthy = false;
  await world.clock.advance(3 * minute);
  expect(isIn(world)).toBe(false);
  expect(notices()).toEqual(["notice slot-missing"]);
});

test("a balancer that cannot be asked keeps it in service", async () => {
  const { world, muster } = await serving(1);
  const groupHealth = world.balancer.groupHealth.bind(world.balancer);
  world.balancer.groupHealth = () => Promise.reject(trouble("balancer-unreachable", true));
  world.healthy = false;
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(true);
  expect(muster.status.current().reason).toMatch(/whether it may leave cannot be asked/);
  world.balancer.groupHealth = groupHealth;
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(false);
});

test("a leave that fails half way is gone on with, and nobody says that it serves", async () => {
  const { world, muster, notices } = await serving(1);
  const remove = world.balancer.remove.bind(world.balancer);
  world.balancer.remove = () => Promise.reject(trouble("balancer-refused"));
  world.healthy = false;
  await world.clock.advance(3 * minute);
  expect(notices()).toContain("notice balancer-refused");
  expect(notices()).not.toContain("notice unhealthy-in-service");
  world.balancer.remove = remove;
  await world.clock.advance(3 * minute);
  expect(isIn(world)).toBe(false);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("a pause keeps it in service", async () => {
  const { world, muster } = await serving(1);
  await muster.pause.begin({ reason: "looking", by: "alice", forMs: 30 * minute });
  world.healthy = false;
  await world.clock.advance(10 * minute);
  expect(isIn(world)).toBe(true);
  await world.clock.advance(30 * minute);
  expect(isIn(world)).toBe(false);
});

test("checks that come and go take it out for longer and longer", async () => {
  const { world, muster } = await serving(1);
  for (let fall = 0; fall < 3; fall += 1) {
    world.healthy = false;
    await world.clock.advance(2 * minute);
    expect(isIn(world)).toBe(false);
    world.healthy = true;
    // Three good rounds the first time, six the second, twelve the third.
    await world.clock.advance(3 * 2 ** fall * every - 2 * every);
    expect(muster.status.current().state, `before rise ${fall}`).toBe("out-of-service");
    await world.clock.advance(3 * every);
    expect(muster.status.current().state, `after rise ${fall}`).toBe("in-service");
  }
});

test("a daemon that is killed while it is out goes on where it was: still out, its slot kept, then back", async () => {
  const { world, stop } = await serving(1);
  world.healthy = false;
  await world.clock.advance(3 * minute);
  expect(isIn(world)).toBe(false);
  await stop();
  const { muster } = await begin(world);
  await world.clock.advance(5 * minute);
  expect(isIn(world)).toBe(false);
  expect(world.slots.owners(slot)).toEqual(["i-1"]);
  world.healthy = true;
  await world.clock.advance(3 * minute);
  expect(muster.status.current().state).toBe("in-service");
  expect(world.slots.owners(slot)).toEqual([undefined]);
});

test("out for its health for as long as the role says, it asks its group for another, once, whatever runs meanwhile", async () => {
  const role = { health: { service: [{ unit: "nginx.service" }], deadline: "20s", replaceAfter: "45m" } };
  const { world, muster, notices } = await serving(1, role);
  world.lifecycle.group = group;
  world.healthy = false;
  await world.clock.advance(45 * minute);
  expect(muster.status.current().run?.cause, "a run that does not pass its gates").toBe("retry");
  expect(world.lifecycle.calls).toEqual([]);
  await world.clock.advance(60 * minute);
  expect(world.lifecycle.calls).toEqual(["unhealthy"]);
  expect(notices().filter((line) => line.includes("replacement"))).toEqual(["notice replacement-asked"]);
  expect(isIn(world)).toBe(false);
});

test("where no group is there to replace it, it says so once and goes on checking", async () => {
  const health = { service: [{ unit: "nginx.service" }], replaceAfter: "15m" };
  const { world, muster, notices } = await serving(1, { health, ...unscheduled });
  world.healthy = false;
  await world.clock.advance(90 * minute);
  expect(notices()).toEqual(["notice slot-missing", "notice replacement-impossible"]);
  world.healthy = true;
  await world.clock.advance(3 * minute);
  expect(muster.status.current().state).toBe("in-service");
});

test("one that had to stay asks for no other", async () => {
  const health = { service: [{ unit: "nginx.service" }], replaceAfter: "15m" };
  const { world } = await serving(0, { health, ...slotRule });
  world.lifecycle.group = group;
  world.healthy = false;
  await world.clock.advance(90 * minute);
  expect(world.lifecycle.calls).toEqual([]);
});
