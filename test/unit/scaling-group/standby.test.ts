import { beforeEach, expect, test } from "vitest";
import { standAside } from "../../../src/scaling-group/standby.ts";
import { launching } from "../../fakes/lifecycle.ts";
import { arnOf } from "../../fakes/load-balancer.ts";
import { createWorld, never, type World } from "../run/world.ts";

let world: World;
let process: Awaited<ReturnType<World["start"]>>;

/** An instance that serves in an Auto Scaling group. */
async function serving(attached: readonly string[] = []): Promise<void> {
  world.lifecycle.group = { ...launching(attached, []), state: "in-service" };
  process = await world.start();
  expect(await process.run({ cause: "boot" })).toMatchObject({ kind: "in-service" });
}

beforeEach(async () => {
  world = await createWorld();
});

test("outside Auto Scaling there is nothing to stand aside from", async () => {
  world.lifecycle.group = undefined;
  expect(await standAside(world, never)).toBe(false);
  expect(world.lifecycle.calls).toEqual([]);
});

test("standby of one's own ends with the next run that joins, after what is not attached is healthy", async () => {
  await serving();
  expect(await standAside(world, never)).toBe(true);
  expect(world.lifecycle.group?.state).toBe("standby");
  await process.membership.want({ want: "out", by: "run", reason: "patching", bootId: world.bootId });
  await process.membership.reconcile({ signal: never, listen: () => undefined });
  expect(world.balancer.members()).toEqual([]);

  let before: readonly string[] = [];
  world.lifecycle.onLaunched = () => void (before = world.balancer.members());
  expect(await process.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual(["enter-standby web", "exit-standby web"]);
  expect(before).toEqual(["web-dev/i-1-80"]);
});

test("the group registers the instance in its own target groups again, and muster waits for their health", async () => {
  await serving([arnOf("web-dev")]);
  const registered = world.balancer.calls.length;
  await standAside(world, never);
  await process.membership.want({ want: "out", by: "run", reason: "patching", bootId: world.bootId });
  await process.membership.reconcile({ signal: never, listen: () => undefined });
  world.lifecycle.onLaunched = () =>
    world.balancer.plant({ group: "web-dev", member: "i-1-80", address: "10.0.0.1", port: 80 });
  expect(await process.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
  expect(world.balancer.calls.slice(registered).filter((call) => call.startsWith("register"))).toEqual([]);
});

test("a standby that a person chose is left to that person", async () => {
  await serving();
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  expect(await standAside(world, never)).toBe(false);
  expect(await process.run({ cause: "schedule" })).toMatchObject({ kind: "done" });
  expect(world.lifecycle.calls).toEqual([]);
});

test("one that a person ended is forgotten: the next may be that person's", async () => {
  await serving();
  await standAside(world, never);
  world.lifecycle.group = { ...launching([], []), state: "in-service" };
  await process.run({ cause: "schedule" });
  world.lifecycle.group = { ...launching([], []), state: "standby" };
  expect(await process.run({ cause: "schedule" })).toMatchObject({ kind: "done" });
  expect(world.lifecycle.calls).toEqual(["enter-standby web"]);
});

test("it is known after a restart, and after one in the middle of asking", async () => {
  await serving();
  const enter = world.lifecycle.enterStandby.bind(world.lifecycle);
  world.lifecycle.enterStandby = async (...args) => {
    await enter(...args);
    throw new Error("killed");
  };
  await expect(standAside(world, never)).rejects.toThrow("killed");
  const restarted = await world.start();
  expect(await restarted.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual(["enter-standby web", "exit-standby web"]);
});

test("a group that may not become smaller keeps its instance in service", async () => {
  await serving();
  world.lifecycle.atMinimum = true;
  await expect(standAside(world, never)).rejects.toMatchObject({ code: "standby-refused" });
  expect(await process.run({ cause: "schedule" })).toMatchObject({ kind: "in-service" });
});

test("an instance that is on its way into standby comes back once it is there", async () => {
  await serving();
  await standAside(world, never);
  world.lifecycle.group = { ...launching([], []), state: "entering-standby" };
  setImmediate(() => (world.lifecycle.group = { ...launching([], []), state: "standby" }));
  expect(await process.run({ cause: "retry" })).toMatchObject({ kind: "in-service" });
  expect(world.lifecycle.calls).toEqual(["enter-standby web", "exit-standby web"]);
});
