import { expect, test } from "vitest";
import { sweep } from "../../../../src/daemon/sweep/sweep.ts";
import { createFakeFleet } from "../../../fakes/fleet.ts";
import { createFakeSlots } from "../../../fakes/slots.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";
import { trouble } from "../../run/world.ts";
import { alive, createWorld, dead, record, self, signal, target, untouched, zone } from "./world.ts";

async function createTwo() {
  const world = await createWorld();
  const slots = createFakeSlots(() => world.clock.now());
  const one = () => sweep(world.wish, self, { ...world.deps, slots }, signal);
  const fleet = createFakeFleet(alive.instance);
  fleet.states.set(self.instance, "running").set(alive.instance, "running").set(dead.instance, "terminated");
  const files = createFakeStateFiles();
  const other = () => sweep(world.wish, alive, { ...world.deps, fleet, files, slots }, signal);
  await world.publish(dead, record("dead", "10.0.0.3"));
  await world.balancer.register(target(dead.instance), signal);
  return { ...world, slots, one, other };
}

test("of many instances one sweeps a zone: the owner of its slot; the groups are every instance's", async () => {
  const { dns, one, other } = await createTwo();
  expect(await one()).toMatchObject({ isSweeper: true });
  expect(await other()).toEqual({
    swept: [{ instance: dead.instance, endpoints: ["web"] }],
    failures: [],
    unguarded: [],
    isSweeper: false,
  });
  expect(dns.registry.pages).toHaveLength(1);
});

test("it stays that one with every sweep, and another takes over once it is gone", async () => {
  const { dns, clock, slots, one, other } = await createTwo();
  const slot = { zone, name: `_muster-sweep.${zone}`, count: 1 };
  await one();
  clock.advance(80 * 60_000);
  await one();
  clock.advance(80 * 60_000);
  expect((await other()).isSweeper).toBe(false);
  expect(slots.owners(slot)).toEqual([self.instance]);
  clock.advance(30 * 60_000);
  expect(await other()).toMatchObject({ isSweeper: true });
  expect(slots.owners(slot)).toEqual([alive.instance]);
  expect(dns.records()).toEqual(untouched);
});

test("a slot that may not be written keeps nothing from being swept; one that cannot be asked for does", async () => {
  const { dns, slots, other } = await createTwo();
  slots.trouble = trouble("aws-throttled", true);
  expect(await other()).toMatchObject({ failures: [slots.trouble], isSweeper: false });
  expect(dns.registry.pages).toEqual([]);
  slots.trouble = trouble("aws-access-denied", true);
  expect(await other()).toMatchObject({ failures: [], unguarded: [slots.trouble], isSweeper: true });
  expect(dns.records()).toEqual(untouched);
});
