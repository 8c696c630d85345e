import { describe, expect, test } from "vitest";
import type { DnsRecord, Endpoints } from "../../../../src/domain/membership/membership.ts";
import { createWorld, never, record, target, trouble, wantIn, wantOut, type World } from "../world.ts";

describe("a zone that is named in other words, as by its id beside its name", () => {
  const byId: DnsRecord = { ...record(), zoneId: "Z1" };
  const renamed: Endpoints = { targets: [target()], records: [byId] };

  async function rename(world: World): Promise<void> {
    await world.membership.want(wantIn());
    await world.membership.reconcile({ signal: never, listen: world.listen });
    await world.membership.want(wantIn(renamed));
    await world.membership.reconcile({ signal: never, listen: world.listen });
  }

  test("keeps the record: nothing is withdrawn, and leaving takes it away", async () => {
    const world = createWorld();
    await rename(world);
    expect(world.dns.calls).toEqual(["publish web.example.internal A 10.0.0.1"]);
    expect(world.dns.records()).toEqual(["web.example.internal 30 A 10.0.0.1"]);
    await world.membership.want(wantOut());
    await world.membership.reconcile({ signal: never, listen: world.listen });
    expect(world.dns.records()).toEqual([]);
  });

  test("is another zone where the service says so: the record there goes", async () => {
    const world = createWorld();
    await world.membership.want(wantIn());
    await world.membership.reconcile({ signal: never, listen: world.listen });
    world.dns.isSameZone = async () => false;
    expect((await world.membership.preview(wantIn(renamed), never)).dns).toEqual([
      { text: "Update zone example.internal", details: ["withdraw web.example.internal 30 A 10.0.0.1"] },
    ]);
  });

  test("is left alone while the service cannot tell", async () => {
    const world = createWorld();
    let asked = 0;
    world.dns.isSameZone = async () => {
      asked += 1;
      if (asked < 3) throw trouble("aws-throttled", true);
      return true;
    };
    await rename(world);
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(world.dns.calls).toEqual(["publish web.example.internal A 10.0.0.1"]);
  });

  test("a name of several zones, to which nothing was ever written, keeps nothing pending", async () => {
    const world = createWorld();
    const observe = world.dns.observe.bind(world.dns);
    world.dns.observe = async (records, ...rest) => {
      if (records.some(({ zoneId }) => zoneId === undefined)) throw trouble("dns-zone-ambiguous", false);
      return await observe(records, ...rest);
    };
    world.dns.isSameZone = () => Promise.reject(trouble("dns-zone-ambiguous", false));
    await world.membership.want(wantIn());
    await expect(world.membership.reconcile({ signal: never, listen: world.listen })).rejects.toMatchObject({
      code: "dns-zone-ambiguous",
    });
    await world.membership.want(wantIn(renamed));
    await world.membership.reconcile({ signal: never, listen: world.listen });
    expect(world.dns.records()).toEqual(["web.example.internal 30 A 10.0.0.1"]);
    expect(world.membership.status().wish?.former).toEqual({ targets: [], records: [] });
  });
});
