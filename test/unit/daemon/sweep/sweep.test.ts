import { expect, test } from "vitest";
import { sweep } from "../../../../src/daemon/sweep/sweep.ts";
import { zoneText } from "../../../../src/domain/membership/zone.ts";
import type { Registry } from "../../../../src/ports/registry.ts";
import { trouble } from "../../run/world.ts";
import { alive, createWorld, dead, record, self, signal, target, untouched, zone } from "./world.ts";

test("a terminated instance's records and targets go, and nothing of the living", async () => {
  const { dns, fleet, balancer, publish, go } = await createWorld();
  await publish(dead, record("web", "10.0.0.3"), record("dead", "10.0.0.3"));
  await balancer.register(target(dead.instance), signal);
  fleet.states.set(dead.instance, "terminated");
  expect(await go()).toEqual({
    swept: [{ instance: dead.instance, endpoints: [`dead.${zone}`, `web.${zone}`, "web"] }],
    failures: [],
    unguarded: [],
    isSweeper: true,
  });
  expect(dns.records()).toEqual(untouched);
  expect(balancer.members()).toEqual([`web/${self.instance}-80`, `web/${alive.instance}-80`]);
  expect(await go()).toMatchObject({ swept: [], failures: [] });
});

test.each(["stopped", "stopping", "shutting-down", "pending"])("one that is %s loses nothing", async (state) => {
  const { dns, fleet, balancer, publish, go } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  await balancer.register(target(dead.instance), signal);
  fleet.states.set(dead.instance, state);
  await go();
  expect(dns.records()).toContain(`dead.${zone} 30 A 10.0.0.3`);
  expect(balancer.members()).toHaveLength(3);
});

test("one that EC2 does not know yet loses nothing; one that it does not know for good loses its records", async () => {
  const { dns, balancer, clock, publish, go } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  await balancer.register(target(dead.instance), signal);
  await go();
  await clock.sleep(14 * 60_000, signal);
  expect((await go()).swept).toEqual([]);
  expect(dns.records()).toContain(`dead.${zone} 30 A 10.0.0.3`);
  await clock.sleep(60_000, signal);
  expect((await go()).swept).toEqual([{ instance: dead.instance, endpoints: [`dead.${zone}`] }]);
  expect(dns.records()).toEqual(untouched);
  // Of another account it would be as unknown: a target says nothing of its owner.
  expect(balancer.members()).toContain(`web/${dead.instance}-80`);
});

test("absences are kept on disk, and those of a garbled file are counted anew", async () => {
  const { files, clock, publish, go } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  await go();
  expect(files.texts.get("sweep.json")).toContain(dead.instance);
  await clock.sleep(20 * 60_000, signal);
  files.texts.set("sweep.json", "{");
  expect((await go()).swept).toEqual([]);
  await clock.sleep(20 * 60_000, signal);
  expect((await go()).swept).toHaveLength(1);
});

test.each([
  ["another account", { account: "999988887777" }],
  ["another region", { region: "us-east-1" }],
])("what belongs to %s is not even asked about", async (_what, change) => {
  const { dns, fleet, publish, go } = await createWorld();
  await publish({ ...dead, ...change }, record("dead", "10.0.0.3"));
  fleet.states.set(dead.instance, "terminated");
  fleet.states.delete(alive.instance);
  await go();
  expect(dns.records()).toContain(`dead.${zone} 30 A 10.0.0.3`);
});

test("an answer without the instance itself sweeps nothing and notes nothing", async () => {
  const { dns, fleet, files, publish, go } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  fleet.states.set(dead.instance, "terminated");
  fleet.states.delete(self.instance);
  await expect(go()).rejects.toMatchObject({ code: "fleet-not-itself" });
  expect(dns.records()).toContain(`dead.${zone} 30 A 10.0.0.3`);
  expect(files.texts.has("sweep.json")).toBe(false);
});

test("its own records are never swept, whatever EC2 says", async () => {
  const { dns, go } = await createWorld();
  dns.registry.claims.push({ name: `self.${zone}`, owner: self });
  await go();
  expect(dns.records()).toEqual(untouched);
});

test("an address that a living one has now stays", async () => {
  const { dns, fleet, publish, go } = await createWorld();
  await publish(dead, record("web", "10.0.0.2"));
  fleet.states.set(dead.instance, "terminated");
  await go();
  expect(dns.records()).toEqual(untouched);
});

test("claims of what is no instance id are left alone", async () => {
  const { dns, fleet, go } = await createWorld();
  for (const instance of ["i-0*", "web-1", "*", ""])
    dns.registry.claims.push({ name: `web.${zone}`, owner: { ...self, instance } });
  await go();
  expect(dns.calls.filter((call) => call.startsWith("disown"))).toEqual([]);
  expect(fleet.looks).toBe(1);
});

test("with nobody else to be seen, nobody is asked about", async () => {
  const { dns, fleet, balancer, go } = await createWorld();
  await dns.registry.disown({ zone }, alive, [`web.${zone}`], signal);
  await balancer.remove(target(alive.instance), signal);
  await go();
  expect(fleet.looks).toBe(0);
});

test("so many at once, the rest the next time", async () => {
  const { dns, fleet, publish, go } = await createWorld();
  for (let at = 0; at < 15; at += 1) {
    const instance = `i-000000${(0xb0 + at).toString(16)}`;
    fleet.states.set(instance, "terminated");
    await publish({ ...self, instance }, record(`d${at}`, `10.0.1.${at}`));
  }
  expect((await go()).swept).toHaveLength(10);
  expect((await go()).swept).toHaveLength(5);
  expect(dns.records()).toEqual(untouched);
});

test("a large zone is looked at ten pages each time, and then from the beginning", async () => {
  const { dns, fleet, publish, go } = await createWorld();
  const between = Array.from({ length: 8 }, (_, at) => record(`m${at}`));
  await publish(self, ...between);
  await publish(dead, record("a", "10.0.0.3"), record("z", "10.0.0.3"));
  fleet.states.set(dead.instance, "terminated");
  dns.registry.pageSize = 1;
  expect((await go()).swept).toEqual([{ instance: dead.instance, endpoints: [`a.${zone}`] }]);
  expect(dns.registry.pages).toHaveLength(10);
  expect((await go()).swept).toEqual([{ instance: dead.instance, endpoints: [`z.${zone}`] }]);
  await go();
  expect(dns.registry.pages.slice(10, 13).map((page) => page.split(" ")[2])).toEqual([
    `web.${zone}`,
    `z.${zone}`,
    "the",
  ]);
});

test("each of two zones of one name is looked at, from where its own last page ended", async () => {
  const { dns, files, wish, deps } = await createWorld();
  const pages: unknown[] = [];
  const registry: Registry = {
    ...dns.registry,
    page: (asked, from) => {
      pages.push([zoneText(asked), from]);
      const next = pages.length % 10 === 0 ? `after ${asked.zoneId}` : `within ${asked.zoneId}`;
      return Promise.resolve({ owned: [], next });
    },
  };
  const records = ["Z1", "Z2", undefined].map((zoneId) => ({ ...record("web"), zoneId }));
  const places = { ...wish.places, records };
  for (let at = 0; at < 2; at += 1) await sweep({ ...wish, places }, self, { ...deps, registry }, signal);
  expect(pages.filter((_, at) => at % 10 === 0)).toEqual([
    ["example.internal (Z1)", undefined],
    ["example.internal (Z2)", undefined],
    ["example.internal", undefined],
    ["example.internal (Z1)", "after Z1"],
    ["example.internal (Z2)", "after Z2"],
    ["example.internal", "after undefined"],
  ]);
  expect(files.texts.get("sweep.json")).toContain('"example.internal ":');
});

test("one zone that cannot be looked at keeps no other from its turn", async () => {
  const { dns, fleet, publish, wish, files, clock, balancer } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  fleet.states.set(dead.instance, "terminated");
  const missing = { ...record("x"), zone: "missing.internal" };
  const wider = { ...wish, places: { ...wish.places, records: [missing, ...wish.places.records] } };
  const deps = { fleet, registry: dns.registry, balancer, files, clock, bootId: "boot-1" };
  const { swept, failures } = await sweep(wider, self, deps, signal);
  expect(swept).toHaveLength(1);
  expect(failures).toMatchObject([{ code: "dns-zone-missing" }]);
});

test("who cannot be asked is nobody's death", async () => {
  const { dns, fleet, publish, go } = await createWorld();
  await publish(dead, record("dead", "10.0.0.3"));
  fleet.trouble = trouble("aws-access-denied", true);
  await expect(go()).rejects.toMatchObject({ code: "aws-access-denied" });
  expect(dns.records()).toContain(`dead.${zone} 30 A 10.0.0.3`);
});
