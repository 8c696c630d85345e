import { sweep } from "../../../../src/daemon/sweep/sweep.ts";
import type { DnsRecord, Owner, Target, Wish } from "../../../../src/domain/membership/membership.ts";
import { nextWish } from "../../../../src/membership/wish.ts";
import { createFakeClock } from "../../../fakes/clock.ts";
import { createFakeDns } from "../../../fakes/dns.ts";
import { createFakeFleet } from "../../../fakes/fleet.ts";
import { createFakeLoadBalancer } from "../../../fakes/load-balancer.ts";
import { createFakeStateFiles } from "../../../fakes/state-files.ts";

export const zone = "example.internal";
export const self: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
export const dead: Owner = { ...self, instance: "i-0000000d" };
export const alive: Owner = { ...self, instance: "i-0000000a" };
export const { signal } = new AbortController();

export function record(label: string, value = "10.0.0.1"): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value };
}

export function target(instance: string, group = "web"): Target {
  return { group, instance, member: `${instance}-80`, address: "10.0.0.1", port: 80, deadlineMs: 1, drainMs: 1 };
}

export async function createWorld() {
  const dns = createFakeDns([zone]);
  const fleet = createFakeFleet(self.instance);
  for (const { instance } of [self, alive]) fleet.states.set(instance, "running");
  const balancer = createFakeLoadBalancer(["web"]);
  const files = createFakeStateFiles();
  const clock = createFakeClock();
  const places = { targets: [target(self.instance)], records: [record("web"), record("self")] };
  const request = { want: "in", by: "run", reason: "", bootId: "boot-1", places, owner: self, tags: {} } as const;
  const wish: Wish = nextWish(undefined, request, clock.now());
  const deps = { fleet, registry: dns.registry, balancer, files, clock, bootId: "boot-1" };
  const publish = (owner: Owner, ...records: readonly DnsRecord[]) =>
    dns.apply({ zone, publish: records, withdraw: [] }, owner, signal);
  await publish(self, record("web"), record("self"));
  await publish(alive, record("web", "10.0.0.2"));
  await balancer.register(target(self.instance), signal);
  await balancer.register(target(alive.instance), signal);
  return { dns, fleet, balancer, files, clock, wish, deps, publish, go: () => sweep(wish, self, deps, signal) };
}

export const untouched = [`self.${zone} 30 A 10.0.0.1`, `web.${zone} 30 A 10.0.0.1`, `web.${zone} 30 A 10.0.0.2`];
