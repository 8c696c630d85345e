// One name that hundreds of instances share without `routing`, on a Route 53 that holds to its published limits.
import type { ResourceRecordSet } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createRoute53Registry } from "../../src/adapters/aws/route53-registry.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import { claimRdata } from "../../src/adapters/host/dns/ownership.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { CloudCall } from "../../src/domain/run/events.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, startService } from "./dns.route53.world.ts";

const zone = "example.internal";
const name = `web.${zone}`;
const { signal } = new AbortController();
const service = createService({ zones: [{ id: "Z1", name: `${zone}.`, private: true }] });
const clock = createClock();
const calls: CloudCall[] = [];
const warnings: string[] = [];
const aws = {
  region: async () => "eu-west-1",
  onCall: (call: CloudCall) => void calls.push(call),
  monotonicMs: () => clock.monotonicMs(),
};
let world: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  world = await startService("127.66.53.31", service);
});

afterAll(async () => await world?.stop());

beforeEach(() => {
  service.reset?.();
  calls.length = 0;
  warnings.length = 0;
});

/** An agent that knows nothing yet. */
function agent() {
  return createRoute53({ ...aws, zones: keepZones(aws), onWarning: (_, text) => warnings.push(text), clock });
}

const counted = () => calls.map(({ operation }) => operation.replace("route53:", ""));
const boot = ["ListHostedZonesByName", "ListResourceRecordSets", "ChangeResourceRecordSets"];

function instance(at: number): Owner {
  return { account: "111122223333", region: "ap-southeast-1", instance: `i-${at.toString(16).padStart(17, "0")}` };
}

function ipv4(at: number): DnsRecord {
  return { zone, name, type: "A", ttl: 30, value: `172.31.${100 + (at >> 7)}.${100 + (at & 127)}` };
}

/** As long as an address can be. */
function ipv6(at: number): DnsRecord {
  return { zone, name, type: "AAAA", ttl: 30, value: `2a05:d018:1234:5678:9abc:def1:2345:${(4096 + at).toString(16)}` };
}

type Kind = typeof ipv4;

async function join(at: number, ...kinds: readonly Kind[]): Promise<void> {
  await agent().apply({ zone, publish: kinds.map((of) => of(at)), withdraw: [] }, instance(at), signal);
}

async function leave(at: number, ...kinds: readonly Kind[]): Promise<void> {
  await agent().apply({ zone, publish: [], withdraw: kinds.map((of) => of(at)) }, instance(at), signal);
}

/** As many instances as this version publishes one after the other, put there by few requests. */
async function plant(count: number, ...kinds: readonly Kind[]): Promise<void> {
  const all = Array.from({ length: count }, (_, at) => at);
  for (const of of kinds) {
    const records = all.map(of);
    const ResourceRecords = records.map(({ value }) => ({ Value: value }));
    await changeZone(world.sdk, "Z1", created({ Name: name, Type: records[0]?.type ?? "A", ResourceRecords }, ""));
  }
  const claims = all.flatMap((at) => kinds.map((of) => claimRdata(of(at), instance(at))));
  const most = Math.floor(7_000 / Math.max(...claims.map(({ length }) => length)));
  for (let at = 0; at < claims.length; at += most) {
    const ResourceRecords = claims.slice(at, at + most).map((Value) => ({ Value }));
    const place: ResourceRecordSet = { Name: ownership(at / most + 1), Type: "TXT", ResourceRecords, TTL: 30 };
    await changeZone(world.sdk, "Z1", { Action: "CREATE", ResourceRecordSet: place });
  }
}

const ownership = (number: number) => (number === 1 ? `_muster.${name}` : `_muster-${number}.${name}`);
const valuesOf = (type: string) =>
  service.records("Z1").flatMap((set) => (set.name === `${name}.` && set.type === type ? set.values : []));
const claims = () => service.records("Z1").flatMap((set) => (set.name.startsWith("_muster") ? set.values : []));

describe("Route 53, one name without routing", () => {
  // Where the set of claims is full, where all in two sets broke (122 to 138), at the warning and at the end.
  test.each([1, 55, 60, 121, 138, 318, 319, 399])(
    "beside %i others an instance comes, and goes, with three requests",
    async (others) => {
      await plant(others, ipv4);
      calls.length = 0;
      await join(others, ipv4);
      expect(counted()).toEqual(boot);
      expect([valuesOf("A").length, claims().length]).toEqual([others + 1, others + 1]);
      const crowd = expect.stringMatching(
        `^${name} has 3[0-9]+ values in one record set, and Route 53 takes 400:`,
      ) as string;
      expect(warnings).toEqual(others < 319 ? [] : [crowd]);
      calls.length = 0;
      await leave(0, ipv4);
      expect(counted()).toEqual(boot);
      expect([valuesOf("A").length, claims().length]).toEqual([others, others]);
    },
  );

  test("the 401st is refused for good, with what to do, before a request is sent; nothing is changed", async () => {
    await plant(400, ipv4);
    const refused = join(400, ipv4);
    await expect(refused).rejects.toMatchObject({
      code: "dns-name-full",
      transient: false,
      message: `A ${name} has 400 values, and Route 53 takes no more in one record set: it was not touched`,
    });
    expect(counted()).toEqual(boot.slice(0, 2));
    await leave(3, ipv4);
    await join(400, ipv4);
    expect([valuesOf("A").length, claims().length]).toEqual([400, 400]);
  });

  test("400 addresses of IPv6 and of both families fit: what one request does not take goes in steps", async () => {
    await plant(399, ipv4, ipv6);
    calls.length = 0;
    await join(399, ipv4, ipv6);
    expect([valuesOf("A").length, valuesOf("AAAA").length, claims().length]).toEqual([400, 400, 800]);
    expect(
      counted()
        .slice(3)
        .every((operation) => operation === "ChangeResourceRecordSets"),
    ).toBe(true);
    await leave(5, ipv4, ipv6);
    expect([valuesOf("A").length, valuesOf("AAAA").length, claims().length]).toEqual([399, 399, 798]);
  });

  test("a dead instance of hundreds is swept away, and each page of the zone tells all owners in it", async () => {
    await plant(400, ipv4, ipv6);
    const registry = createRoute53Registry({ zones: keepZones(aws), clock });
    const page = await registry.page({ zone }, undefined, signal);
    expect([page.next, new Set(page.owned.map(({ owner }) => owner.instance)).size]).toEqual([undefined, 400]);
    expect(new Set(page.owned.map((owned) => owned.name))).toEqual(new Set([name]));
    await registry.disown({ zone }, instance(17), [name], signal);
    expect([valuesOf("A").length, valuesOf("AAAA").length, claims().length]).toEqual([399, 399, 798]);
    expect(claims().join()).not.toContain(instance(17).instance);
  });

  test("one instance under several large names: a batch is never larger than a request may be", async () => {
    const names = ["one", "two", "three"].map((label) => `${label}.${zone}`);
    for (const of of names) {
      const records = Array.from({ length: 300 }, (_, at) => ({ ...ipv4(at), name: of }));
      const values = { Name: of, ResourceRecords: records.map(({ value }) => ({ Value: value })) };
      await changeZone(world.sdk, "Z1", created(values, ""));
      for (let at = 0; at < 300; at += 60) {
        const texts = records.slice(at, at + 60).map((one, add) => ({ Value: claimRdata(one, instance(at + add)) }));
        const place = { Name: `_muster-${at / 60 + 2}.${of}`, Type: "TXT" as const, ResourceRecords: texts };
        await changeZone(world.sdk, "Z1", created(place, ""));
      }
    }
    calls.length = 0;
    const publish = names.map((of) => ({ ...ipv4(300), name: of }));
    await agent().apply({ zone, publish, withdraw: [] }, instance(300), signal);
    expect(counted()).toEqual([...boot, ...boot.slice(2), ...boot.slice(2)]);
    expect(calls.every(({ failure }) => failure === undefined)).toBe(true);
  });
});
