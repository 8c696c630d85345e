import { describe, expect, test } from "vitest";
import { identity, never, stopPoint, type World } from "../../run/world.ts";
import { begin } from "../begin.ts";
import { group, minute, offer, openssl, openWindow, other, replace, serving, slot } from "./patching.ts";

/** Where an agent, or its machine, dies: does not return. */
type Here = (signal: AbortSignal) => Promise<void>;

/** By what dies there; each returns how to undo it. */
const moments: Readonly<Record<string, (world: World, here: Here) => () => void>> = {
  "the look": ({ packages }, here) =>
    replace(packages, "observe", (real) => async (rules, context) => {
      if (packages.state.upgrades.length > 0) await here(context.signal);
      return real(rules, context);
    }),
  "before the slot is taken": ({ slots }, here) =>
    replace(slots, "take", (real) => async (name, owner, forMs, signal) => {
      await here(signal);
      return real(name, owner, forMs, signal);
    }),
  "after the slot is taken": ({ slots }, here) =>
    replace(slots, "take", (real) => async (name, owner, forMs, signal) => {
      const taken = await real(name, owner, forMs, signal);
      await here(signal);
      return taken;
    }),
  "before standby": ({ lifecycle }, here) => replace(lifecycle, "enterStandby", () => (_group, signal) => here(signal)),
  "after standby": ({ lifecycle }, here) =>
    replace(lifecycle, "enterStandby", (real) => async (name, signal) => {
      await real(name, signal);
      await here(signal);
    }),
  "while it leaves": ({ balancer }, here) => replace(balancer, "drain", () => (_target, signal) => here(signal)),
  "while it patches": ({ packages }, here) => replace(packages, "during", () => here),
  "before standby ends": ({ lifecycle }, here) =>
    replace(lifecycle, "exitStandby", () => (_group, signal) => here(signal)),
  "before the slot is given back": ({ slots }, here) =>
    replace(slots, "release", () => (_slot, _owner, signal) => here(signal)),
};

describe.each(Object.entries(moments))("death at this moment: %s", (_moment, plant) => {
  test.each(["boot-1", "boot-2"])("in the end (%s) it is patched, serves, and holds nothing", async (bootId) => {
    const world = await serving({ schedule: { patch: { at: "0 1 * * *", window: "4h" } } });
    world.lifecycle.group = group;
    const first = await begin(world);
    await world.clock.advance(0);
    offer(world, openssl);
    const point = stopPoint();
    const heal = plant(world, point.here);
    let isReached = false;
    void point.reached.then(() => (isReached = true));
    await openWindow(first);
    for (let waited = 0; !isReached && waited < 4 * 60; waited += 5) await world.clock.advance(5 * minute);
    expect(isReached).toBe(true);
    await first.stop();
    heal();
    world.bootId = bootId;
    const second = await begin(world);
    await world.clock.advance(5 * 60 * minute);
    expect(second.muster.status.current()).toMatchObject({ state: "in-service" });
    expect(world.packages.installed.get("openssl")).toBe("2");
    expect(world.lifecycle.group).toMatchObject({ state: "in-service" });
    expect(world.balancer.members()).toEqual(["web-dev/i-1-80"]);
    expect(world.slots.owners(slot)).toEqual([undefined]);
    expect(second.muster.status.current().slot).toBeUndefined();
  });
});

/** The machine lost its power in the middle of a patch, and has not booted yet. */
async function deadWhilePatching(): Promise<World> {
  const world = await serving();
  const first = await begin(world);
  await world.clock.advance(0);
  offer(world, openssl);
  const patching = stopPoint();
  const heal = replace(world.packages, "during", () => patching.here);
  await openWindow(first);
  await world.clock.advance(15 * minute);
  await patching.reached;
  await first.stop();
  heal();
  world.bootId = "boot-2";
  return world;
}

test("a boot that takes longer than a slot is held for renews it: nobody else leaves meanwhile", async () => {
  const world = await deadWhilePatching();
  const converging = stopPoint();
  world.engine.during = converging.here;
  const second = await begin(world);
  await world.clock.advance(180 * minute);
  expect(second.muster.status.current()).toMatchObject({ state: "starting", slot: { number: 1 } });
  expect(await world.slots.take(slot, other, minute, never)).toMatchObject({ kind: "busy" });
  converging.go();
  await world.clock.advance(minute);
  expect(second.muster.status.current()).toMatchObject({ state: "in-service" });
  expect(world.slots.owners(slot)).toEqual([undefined]);
});

test("the slot of the instance that an image was made from is left alone", async () => {
  const world = await deadWhilePatching();
  world.identity = () => ({ ...identity, instance: { ...identity.instance, id: "i-9" } });
  const before = world.slots.calls.length;
  await begin(world);
  await world.clock.advance(30 * minute);
  expect(world.slots.calls.slice(before)).toEqual([]);
  expect(world.slots.owners(slot)).toEqual(["i-1"]);
});
