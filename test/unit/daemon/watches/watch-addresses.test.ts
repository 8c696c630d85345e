import { expect, test } from "vitest";
import type { Instance } from "../../../../src/domain/instance/instance.ts";
import type { RunEvent } from "../../../../src/domain/run/events.ts";
import { catalogue, createWorld, identity, trouble, type World } from "../../run/world.ts";
import { begin, runsOf } from "../begin.ts";

async function serving() {
  const world = await createWorld();
  await world.repo.remote.commitFiles(catalogue({ schedule: {} }), "nothing by schedule");
  const { muster } = await begin(world);
  await world.clock.advance(1_000);
  expect(muster.status.current().state).toBe("in-service");
  return { world, muster };
}

function move(world: World, addresses: Partial<Instance["addresses"]>): void {
  const { instance } = identity;
  const moved = { ...instance, addresses: { ...instance.addresses, ...addresses } };
  world.identity = () => ({ ...identity, instance: moved });
}

const changes = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === "notice" && event.code === "address-changed" ? [event.text] : []));

test("another address is published in place of the old one, without a run", async () => {
  const { world, muster } = await serving();
  const [dns, targets] = [world.dns.calls.length, world.balancer.calls.length];
  move(world, { ipv4: ["10.0.0.2"] });
  await world.clock.advance(40_000);
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.2"]);
  expect(world.dns.calls.slice(dns)).toEqual([
    "withdraw i-1.example.internal A 10.0.0.1",
    "publish i-1.example.internal A 10.0.0.2",
  ]);
  expect(world.balancer.calls.slice(targets)).toEqual(["register web-dev/i-1-80"]);
  expect(runsOf(muster.events)).toBe(1);
  expect(changes(muster.events)).toEqual([
    "The addresses of this instance changed from 10.0.0.1 to 10.0.0.2; its records and targets follow",
  ]);
  expect(muster.status.current()).toMatchObject({
    state: "in-service",
    instance: { addresses: { ipv4: ["10.0.0.2"] } },
    notices: [{ code: "address-changed" }],
  });
});

test("an address of one moment, and none that changes, change nothing", async () => {
  const { world, muster } = await serving();
  const writes = [...world.files.texts];
  move(world, { ipv4: ["10.0.0.9"] });
  // One look: the interval of the local cloud is ten seconds, with jitter.
  await world.clock.advance(9_000);
  move(world, {});
  await world.clock.advance(60_000);
  expect([...world.files.texts]).toEqual(writes);
  expect(changes(muster.events)).toEqual([]);
});

test("an address that no rule can publish leaves what was, and is said once", async () => {
  const { world, muster } = await serving();
  move(world, { ipv4: [], ipv6: ["2001:db8::1"] });
  await world.clock.advance(120_000);
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.1"]);
  const said = muster.events.filter((event) => event.type === "notice" && event.code === "instance-no-address");
  expect(said).toHaveLength(1);
});

test("what is out of service takes the new address up when it is back", async () => {
  const { world, muster } = await serving();
  const drained = muster.drain();
  await world.clock.advance(120_000);
  await drained;
  move(world, { ipv4: ["10.0.0.2"] });
  await world.clock.advance(60_000);
  expect(world.dns.records()).toEqual([]);
  const joined = muster.join();
  await world.clock.advance(60_000);
  await joined;
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.2"]);
});

test("where the addresses cannot be read everything stays", async () => {
  const { world, muster } = await serving();
  world.identity = () => {
    throw trouble("imds-failed", true);
  };
  await world.clock.advance(120_000);
  expect(world.dns.records()).toEqual(["i-1.example.internal 30 A 10.0.0.1"]);
  expect(muster.status.current().state).toBe("in-service");
});
