import { expect, test } from "vitest";
import { keepSweeping } from "../../../../src/daemon/sweep/keep-sweeping.ts";
import type { Owner } from "../../../../src/domain/membership/membership.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeFleet } from "../../../fakes/fleet.ts";
import { catalogue, createWorld, identity, never, trouble } from "../../run/world.ts";
import { begin } from "../begin.ts";

const zone = "example.internal";
const self = "i-0a1b2c3d4e5f60718";
const dead = "i-0000000d";
const minute = 60_000;

async function createSweepingWorld(schedule: Record<string, string> = {}) {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule }), "its schedule");
  world.identity = () => ({ ...identity, instance: { ...identity.instance, id: self } });
  const owner: Owner = { account: "local", region: "local", instance: dead };
  const fleet = createFakeFleet(self);
  fleet.states.set(self, "running").set(dead, "terminated");
  const left = { zone, name: `dead.${zone}`, type: "A", ttl: 30, value: "10.0.0.9" } as const;
  const die = () => world.dns.apply({ zone, publish: [left], withdraw: [] }, owner, never);
  await die();
  const { dns, balancer, files, clock } = world;
  const sweeping = { fleet, registry: dns.registry, balancer, files, clock, bootId: world.bootId };
  const { muster } = await begin(world, { sweeping });
  await clock.advance(minute);
  const isThere = () => dns.records().some((line) => line.startsWith(`dead.${zone}`));
  const told = () => muster.events.flatMap((event) => (event.type === "notice" ? [event.text] : []));
  return { world, muster, fleet, die, isThere, told };
}

test("within the hour what the dead left is swept, and it is said", async () => {
  const { world, isThere, told } = await createSweepingWorld();
  expect(isThere()).toBe(true);
  await world.clock.advance(60 * minute);
  expect(isThere()).toBe(false);
  expect(told()).toContain(`${dead} is gone; what it left behind was taken away: dead.${zone}`);
});

test("with a schedule it is swept at its times and at no other", async () => {
  const { world, die, isThere } = await createSweepingWorld({ sweep: "30 3 * * *" });
  await world.clock.advance(2 * 60 * minute);
  expect(isThere()).toBe(true);
  await world.clock.advance(2 * 60 * minute);
  expect(isThere()).toBe(false);
  await die();
  await world.clock.advance(60 * minute);
  expect(isThere()).toBe(true);
});

test("who does not serve sweeps nothing, nor does one that is paused", async () => {
  const { world, muster, fleet, isThere } = await createSweepingWorld();
  await muster.pause.begin({ reason: "looking", by: "root", forMs: 2 * 60 * minute });
  await world.clock.advance(2 * 60 * minute - 1);
  const drained = muster.drain();
  await world.clock.advance(minute);
  await drained;
  await world.clock.advance(5 * 60 * minute);
  expect([isThere(), fleet.looks]).toEqual([true, 0]);
});

test("what keeps a sweep from its end is said, and it is tried again the next time", async () => {
  const { world, fleet, isThere, told } = await createSweepingWorld();
  fleet.trouble = trouble("aws-access-denied", true);
  await world.clock.advance(60 * minute);
  expect(told()).toContain("What dead instances left behind was not swept: there is aws-access-denied");
  fleet.trouble = undefined;
  await world.clock.advance(60 * minute);
  expect(isThere()).toBe(false);
});

test.each([
  [4, 0.999, true],
  [1_000, 0.0039, true],
  [1_000, 0.0041, false],
])("of a group of %i, an instance that is no sweeper and draws %d takes part: %j", async (size, drawn, takesPart) => {
  const ends = new AbortController();
  let turns = 0;
  let taken = 0;
  const deps = {
    clock: { ...createFakeClock(), random: () => drawn },
    duty: { current: () => void (taken += 1) },
    membership: {
      status() {
        turns += 1;
        if (turns > 10) ends.abort();
        return { size };
      },
    },
    sweeping: undefined,
  };
  const sweeping = keepSweeping(deps as unknown as Parameters<typeof keepSweeping>[0], ends.signal);
  await expect(sweeping).rejects.toThrow();
  expect(taken > 0).toBe(takesPart);
});
