// Several reasons to leave at once, and people in between.
import { expect, test } from "vitest";
import type { GroupMembership, GroupState, PendingHook } from "../../../../src/ports/lifecycle.ts";
import { catalogue, createWorld, story, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

const minute = 60_000;

const role = {
  schedule: {},
  register: [{ targetGroup: "web-dev", port: 80, drain: "10m" }],
  leave: { beforeStop: [{ run: ["flush"], timeout: "10s" }] },
};

/** In service, with somebody connected who does not go, and with another that serves. */
async function serving(over: Record<string, unknown> = {}) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ ...role, ...over }), "the role");
  world.balancer.plant({ group: "web-dev", member: "i-2-80", address: "10.0.0.2", port: 80 });
  const daemon = await begin(world);
  await world.clock.advance(minute);
  expect(daemon.muster.status.current().state).toBe("in-service");
  world.balancer.openConnections("web-dev/i-1-80", 1);
  return { world, ...daemon };
}

const at = (world: World, seconds: number): string =>
  new Date(world.clock.now().getTime() + seconds * 1000).toISOString();

const spotIn = (world: World, seconds: number) =>
  ({ kind: "spot", action: "terminate", at: at(world, seconds) }) as const;

const maintenanceIn = (world: World, seconds: number) =>
  ({
    kind: "maintenance",
    id: "m",
    code: "system-maintenance",
    text: "the network",
    state: "active",
    notBefore: at(world, seconds),
  }) as const;

const bye: PendingHook = {
  name: "bye",
  transition: "terminating",
  heartbeatSeconds: 30,
  globalSeconds: 3_600,
  defaultResult: "continue",
};

const inGroup = (state: GroupState, pending: readonly PendingHook[] = []): GroupMembership => ({
  group: "web",
  state,
  attachedTargetGroups: [],
  pending,
  hasLaunchHook: false,
});

test("a person who drains an instance that is being scaled in ends neither its users nor what runs before the stop", async () => {
  const { world, muster } = await serving();
  world.lifecycle.group = inGroup("termination-waiting", [bye]);
  await world.clock.advance(20_000);
  expect(muster.status.current().state).toBe("leaving");
  void muster.drain();
  await world.clock.advance(20_000);
  expect(world.lifecycle.calls, "users are still served").not.toContain("CONTINUE web/bye");
  expect(world.units.started).toEqual([]);
  await world.clock.advance(5 * minute);
  expect(world.units.started).toHaveLength(1);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "operator" });
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });
});

test("a machine that is taken back does not wait for a drain by hand that has more time", async () => {
  const { world, muster } = await serving();
  void muster.drain();
  await world.clock.advance(20_000);
  expect(muster.status.current().state).toBe("leaving");
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(100_000);
  expect(world.balancer.members()).toEqual(["web-dev/i-2-80"]);
  await world.clock.advance(10_000);
  expect(world.units.started).toHaveLength(1);
  expect(muster.status.current()).toMatchObject({ state: "out-of-service", reason: "operator drains" });
});

test("Auto Scaling that cannot be asked how long it waits keeps nobody from leaving", async () => {
  const { world, muster } = await serving();
  const observe = world.lifecycle.observe.bind(world.lifecycle);
  world.lifecycle.observe = () => Promise.reject(trouble("aws-access-denied"));
  world.lifecycle.group = inGroup("termination-waiting", [bye]);
  await world.clock.advance(20_000);
  expect(world.dns.records()).toEqual([]);
  expect(muster.status.current().state).toBe("leaving");
  await world.clock.advance(6 * minute);
  expect(world.balancer.members()).toEqual(["web-dev/i-2-80"]);
  expect(world.units.started).toHaveLength(1);
  world.lifecycle.observe = observe;
  await world.clock.advance(minute);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
});

test("a place that cannot be left keeps the group waiting for as long as leaving may take, and no longer", async () => {
  const { world, muster } = await serving({ leave: { ...role.leave, limit: "5m" } });
  world.dns.trouble = trouble("aws-access-denied");
  world.lifecycle.group = inGroup("termination-waiting", [bye]);
  await world.clock.advance(4 * minute);
  expect(world.lifecycle.calls).not.toContain("CONTINUE web/bye");
  await world.clock.advance(3 * minute);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
  expect(muster.membership.status().wish).toMatchObject({ want: "out" });
});

test("what a person brought back in spite of a notice stays in also when the agent is restarted", async () => {
  const { world, muster, stop } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.notices.notices = [maintenanceIn(world, 120)];
  await world.clock.advance(2 * minute);
  expect(muster.status.current().state).toBe("out-of-service");
  const joined = muster.join();
  await world.clock.advance(minute);
  await joined;
  expect(muster.status.current().state).toBe("in-service");
  await stop();
  const next = await begin(world);
  await world.clock.advance(5 * minute);
  expect(next.muster.status.current().state).toBe("in-service");
  expect(world.units.started).toHaveLength(1);
});

test("maintenance that the last boot was for neither takes it out again nor keeps it out after failing checks", async () => {
  const { world, stop } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.notices.notices = [maintenanceIn(world, 120)];
  await world.clock.advance(2 * minute);
  expect(world.balancer.members()).toEqual(["web-dev/i-2-80"]);
  await stop();
  world.bootId = "boot-2";
  const second = await begin(world);
  await world.clock.advance(2 * minute);
  expect(second.muster.status.current().state).toBe("in-service");
  world.healthy = false;
  await world.clock.advance(2 * minute);
  expect(second.muster.membership.status().wish).toMatchObject({ want: "out", by: "health" });
  await second.stop();
  const third = await begin(world);
  await world.clock.advance(2 * minute);
  expect(third.muster.membership.status().wish).toMatchObject({ want: "out", by: "health" });
  world.healthy = true;
  await world.clock.advance(2 * minute);
  expect(third.muster.status.current().state).toBe("in-service");
  expect(world.units.started).toHaveLength(1);
});

test("a pause that comes while it leaves for failing checks lets it leave, and its users with it", async () => {
  const { world, muster } = await serving();
  world.healthy = false;
  await world.clock.advance(minute);
  expect(muster.status.current().state).toBe("leaving");
  await muster.pause.begin({ reason: "looking", by: "alice", forMs: 60 * minute });
  const runs = runsOf(muster.events);
  await world.clock.advance(5 * minute);
  expect(world.balancer.members(), "somebody is connected").toContain("web-dev/i-1-80");
  expect(runsOf(muster.events)).toBe(runs);
  await world.clock.advance(6 * minute);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("an agent that is restarted while a person has the instance in standby makes no run", async () => {
  const { world, muster, stop } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.lifecycle.group = inGroup("standby");
  await world.clock.advance(2 * minute);
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "notice" });
  expect(muster.status.current().state).toBe("out-of-service");
  await stop();
  world.healthy = false;
  const next = await begin(world);
  await world.clock.advance(5 * minute);
  expect(runsOf(next.muster.events)).toBe(0);
  expect(next.muster.status.current().state).toBe("out-of-service");
  world.healthy = true;
  world.lifecycle.group = inGroup("in-service");
  await world.clock.advance(5 * minute);
  expect(next.muster.status.current().state).toBe("in-service");
});

test("checks that fail while a notice keeps it out take no slot, and nobody says that it serves", async () => {
  const slot = { slot: { zone: "example.internal", name: "web-{environment}", expires: "1h" } };
  const { world, muster } = await serving(slot);
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.notices.notices = [maintenanceIn(world, 120)];
  await world.clock.advance(2 * minute);
  expect(muster.status.current().state).toBe("out-of-service");
  world.healthy = false;
  world.balancer.forgetAll();
  await world.clock.advance(10 * minute);
  expect(world.slots.calls).toEqual([]);
  expect(story(muster.events)).not.toContain("notice unhealthy-in-service");
  world.notices.notices = [];
  await world.clock.advance(2 * minute);
  expect(muster.status.current().state, "its checks still fail").toBe("out-of-service");
  world.healthy = true;
  await world.clock.advance(2 * minute);
  expect(muster.status.current().state).toBe("in-service");
});

test("a hook that waits for less than users would take is completed before its time is out", async () => {
  const { world } = await serving();
  world.lifecycle.group = inGroup("termination-waiting", [{ ...bye, globalSeconds: 60 }]);
  await world.clock.advance(30_000);
  expect(world.lifecycle.calls).not.toContain("CONTINUE web/bye");
  // Ten seconds are for the commands, and ten to spare.
  await world.clock.advance(14_000);
  expect(world.units.started).toHaveLength(1);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
});

test("a spot notice has the time until the machine goes, however short the role's limit", async () => {
  const { world } = await serving({ leave: { ...role.leave, limit: "30s" } });
  world.notices.notices = [spotIn(world, 120)];
  await world.clock.advance(minute);
  expect(world.balancer.members(), "users are still served").toContain("web-dev/i-1-80");
  await world.clock.advance(50_000);
  expect(world.balancer.members()).toEqual(["web-dev/i-2-80"]);
});

test("what becomes of the role's rules counts at once, also for a notice that holds already", async () => {
  const { world, muster } = await serving({ leave: { maintenance: "ignore" } });
  world.notices.notices = [maintenanceIn(world, 300)];
  await world.clock.advance(minute);
  expect(muster.status.current().state).toBe("in-service");
  const duty = muster.duty.current();
  if (duty === undefined) throw new Error("a run has made it known");
  const leave = { ...duty.role.leave, maintenance: "drain" } as const;
  await muster.duty.adopt({ ...duty, role: { ...duty.role, leave } });
  await world.clock.advance(1_000);
  expect(muster.status.current().state).toBe("leaving");
});

test("a clock that is set while maintenance is far off is noticed in time", async () => {
  const { world, muster } = await serving({ leave: { limit: "1h" } });
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.notices.notices = [maintenanceIn(world, 10 * 3_600)];
  await world.clock.advance(minute);
  world.clock.step(8 * 3_600_000);
  await world.clock.advance(50 * minute);
  expect(muster.status.current().state).toBe("in-service");
  await world.clock.advance(60 * minute);
  expect(muster.status.current().state).toBe("out-of-service");
});

test("a group that scales in what leaves for maintenance is kept waiting too", async () => {
  const { world } = await serving({ leave: { ...role.leave, limit: "5m" } });
  world.notices.notices = [maintenanceIn(world, 300)];
  await world.clock.advance(30_000);
  world.lifecycle.group = inGroup("termination-waiting", [bye]);
  await world.clock.advance(minute);
  expect(world.lifecycle.calls.filter((call) => call === "heartbeat web/bye").length).toBeGreaterThan(1);
  await world.clock.advance(5 * minute);
  expect(world.lifecycle.calls.at(-1)).toBe("CONTINUE web/bye");
  expect(world.units.started).toHaveLength(1);
});

test("what an earlier boot left for holds in the next one too, but for the maintenance that the boot may have been", async () => {
  const { world, stop } = await serving();
  world.balancer.openConnections("web-dev/i-1-80", 0);
  world.notices.notices = [spotIn(world, 3_600)];
  await world.clock.advance(2 * minute);
  await stop();
  world.bootId = "boot-2";
  const { muster } = await begin(world);
  await world.clock.advance(2 * minute);
  expect(muster.membership.status().wish).toMatchObject({ want: "out", by: "notice", bootId: "boot-2" });
});
