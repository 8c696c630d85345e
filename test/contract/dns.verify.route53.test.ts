import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { createRoute53Check } from "../../src/adapters/aws/route53-verify.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { DnsRecord, DnsVerdict, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import { answersOf, cacheOf, startDns, type DnsEndpoint, type Responder } from "../lab/aws-front/route53-dns.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, startService } from "./dns.route53.world.ts";

const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const other: Owner = { ...me, instance: "i-0ffffffffffffffff" };
const service = createService({
  zones: [
    { id: "Z1", name: "example.internal.", private: true },
    { id: "Z2", name: "example.com.", private: false },
  ],
});
const contentOf = (zone: string) => ({ name: `${zone}.`, sets: () => service.records(zone), unhealthy });
const unhealthy = new Set<string>();
const asked: string[] = [];
let world: Awaited<ReturnType<typeof startService>>;
/** A name server of example.com, and the resolver of the VPC. */
let [server, resolver]: DnsEndpoint[] = [];
let passedMs = 0;

/** The resolver knows the private zone, and who serves the public one. */
const vpc: Responder = (name, type) => {
  if (name === "example.com" && type === "NS") return found({ type: "NS", name, ttl: 300, data: "ns-1.awsdns-00.com" });
  if (name === "example.internal" && type === "NS")
    return found({ type: "NS", name, ttl: 300, data: "ns-0.awsdns-00.com" });
  if (name === "ns-1.awsdns-00.com" && type === "A") return found({ type: "A", name, ttl: 300, data: "127.66.53.9" });
  return answersOf([contentOf("example.internal")])(name, type);
};
const found = (answer: ReturnType<Responder>["answers"][number]) =>
  ({ status: "NOERROR", answers: [answer], authorities: [] }) as const;

beforeAll(async () => {
  world = await startService("127.66.53.8", service);
  server = await startDns({ address: "127.66.53.9", port: 5353 }, answersOf([contentOf("example.com")]), {
    authoritative: true,
  });
  const cache: Responder = cacheOf(vpc, () => Date.now() + passedMs);
  resolver = await startDns({ address: "127.66.53.10", port: 5353 }, cache, { authoritative: false });
});

afterAll(async () => {
  await Promise.all([server?.stop(), resolver?.stop(), world?.stop()]);
});

beforeEach(() => {
  for (const one of [server, resolver]) if (one !== undefined) one.mode = "answers";
  if (server !== undefined) Object.assign(server, { authoritative: true });
  asked.length = 0;
  unhealthy.clear();
});

function adapter(): Dns {
  const aws: AwsDeps = {
    region: async () => "eu-west-1",
    onCall: ({ operation }) => asked.push(operation),
    monotonicMs: () => performance.now(),
  };
  const [clock, zones] = [createClock(), keepZones(aws)];
  const verify = createRoute53Check({
    ...{ clock, port: 5353 },
    resolvers: async () => [{ address: "127.66.53.10", port: 5353 }],
  });
  return createRoute53({ ...aws, zones, clock, verify, onWarning: () => undefined });
}

async function verified(dns: Dns, ...records: readonly DnsRecord[]): Promise<readonly DnsVerdict[]> {
  asked.length = 0;
  const verdicts = await dns.verify?.(records, me, signal);
  expect(asked).toEqual([]);
  return verdicts ?? [];
}

async function published(record: DnsRecord, owner = me): Promise<Dns> {
  const dns = adapter();
  await dns.apply({ zone: record.zone, publish: [record], withdraw: [] }, owner, signal);
  return dns;
}

function named(label: string, rest: Partial<DnsRecord> = {}): DnsRecord {
  return { zone: "example.com", name: `${label}.example.com`, type: "A", ttl: 30, value: "192.0.2.1", ...rest };
}

function inside(label: string, rest: Partial<DnsRecord> = {}): DnsRecord {
  return { ...named(label), zone: "example.internal", name: `${label}.example.internal`, ...rest };
}

async function remove({ name, value, zone }: DnsRecord): Promise<void> {
  const { ResourceRecordSet } = created({ Name: name }, value);
  await changeZone(world.sdk, zone === "example.com" ? "Z2" : "Z1", { Action: "DELETE", ResourceRecordSet });
}

const missing = { kind: "missing", lateMs: 60_000 };

describe("a public zone", () => {
  test.each([
    ["A", "192.0.2.1"],
    ["AAAA", "2001:db8::a:1"],
    ["CNAME", "web-1.example.net"],
    ["TXT", 'a "text" with; much, 100% more ü'],
  ] as const)(
    "%s: what is published is confirmed at its own name servers, which are not asked to ask others",
    async (type, value) => {
      const record = named(`kind-${type.toLowerCase()}`, { type, value });
      const dns = await published(record);
      if (server !== undefined) server.asked.length = 0;
      expect(await verified(dns, record)).toEqual([{ kind: "confirmed" }]);
      expect(server?.asked).toEqual([`udp ${record.name} ${type}`, `udp _muster.${record.name} TXT`]);
    },
  );

  test("a record that is gone is missing; another TTL, or no claim, is present and not confirmed", async () => {
    const record = named("gone");
    const dns = await published(record);
    await remove(record);
    expect(await verified(dns, record)).toEqual([missing]);
    await changeZone(world.sdk, "Z2", created({ Name: record.name, TTL: 60 }, record.value));
    expect(await verified(dns, record)).toEqual([{ kind: "present" }]);
    const shared = named("shared", { value: "192.0.2.7" });
    await published(shared, other);
    await dns.observe([shared], me, signal);
    expect(await verified(dns, shared, named("never"))).toEqual([{ kind: "present" }, missing]);
  });

  test("a shared name with more values than a datagram holds is read over TCP", async () => {
    const records = Array.from({ length: 12 }, (_, at) => named("crowd", { value: `192.0.2.${at + 1}` }));
    for (const [at, record] of records.entries()) await published(record, { ...me, instance: `i-${at}` });
    const dns = await published(named("crowd", { value: "198.51.100.1" }));
    if (server !== undefined) server.asked.length = 0;
    expect(await verified(dns, named("crowd", { value: "198.51.100.1" }))).toEqual([{ kind: "confirmed" }]);
    expect(server?.asked).toContain("tcp _muster.crowd.example.com TXT");
  });

  test("of nine multivalue sets eight are answered: a value is proof, its absence is none", async () => {
    const routing = { policy: "multivalue" } as const;
    for (let at = 1; at <= 8; at += 1)
      await published(named("many", { routing, value: `192.0.2.${at}` }), { ...me, instance: `i-${at}` });
    const mine = named("many", { routing, value: "192.0.2.99" });
    const dns = await published(mine);
    const seen = new Set<string>();
    for (let times = 0; times < 400 && seen.size < 2; times += 1) seen.add((await verified(dns, mine))[0]?.kind ?? "");
    expect([...seen].toSorted()).toEqual(["present", "unknown"]);
  });

  test("of fewer sets all are answered, but for a health check", async () => {
    const routing = { policy: "multivalue" } as const;
    await published(named("few", { routing, value: "192.0.2.1" }), other);
    const mine = named("few", { routing, value: "192.0.2.2" });
    const checked = named("checked", { routing, healthCheck: "check-1" });
    await published(named("checked", { routing, value: "192.0.2.2" }), other);
    const dns = await published(checked);
    expect(await verified(dns, mine, checked)).toEqual([missing, { kind: "present" }]);
    unhealthy.add("check-1");
    expect(await verified(dns, checked)).toMatchObject([{ kind: "unknown" }]);
  });

  test("of weighted sets one is answered", async () => {
    const at = (weight: number, value: string) => named("heavy", { value, routing: { policy: "weighted", weight } });
    await published(at(255, "192.0.2.1"), other);
    const dns = await published(at(0, "192.0.2.2"));
    expect(await verified(dns, at(0, "192.0.2.2"))).toMatchObject([{ kind: "unknown" }]);
    const alone = named("alone", { routing: { policy: "weighted", weight: 5 } });
    expect(await verified(await published(alone), alone)).toEqual([{ kind: "present" }]);
  });

  test.each(["silent", "garbage", "SERVFAIL", "REFUSED"] as const)(
    "a server that is %s proves nothing",
    async (mode) => {
      const record = named(`mode-${mode.toLowerCase()}`);
      const dns = await published(record);
      if (server !== undefined) server.mode = mode;
      expect(await verified(dns, record)).toMatchObject([{ kind: "unknown", why: expect.any(String) as string }]);
    },
  );

  test("neither does one in between that answers from a cache, nor a zone whose servers DNS does not tell", async () => {
    const record = named("between");
    const dns = await published(record);
    if (server !== undefined) server.authoritative = false;
    expect(await verified(dns, record)).toMatchObject([{ kind: "unknown" }]);
    const blind = await published(record);
    if (resolver !== undefined) resolver.mode = "REFUSED";
    expect(await verified(blind, record)).toEqual([{ kind: "unknown", why: "no server to ask" }]);
  });

  test("neither does a zone of that name that is not the one which the VPC knows", async () => {
    const record = named("split", { visibility: "public" });
    const dns = await published(record);
    expect(await verified(dns, record, { ...record, visibility: "private" })).toMatchObject([
      { kind: "confirmed" },
      { kind: "unknown" },
    ]);
  });
});

describe("a private zone", () => {
  test("the VPC's resolver is asked, which may go on with old answers for their TTL", async () => {
    const record = inside("old", { ttl: 30 });
    const dns = await published(record);
    expect(await verified(dns, record)).toEqual([{ kind: "confirmed" }]);
    passedMs += 10_000;
    expect(await verified(dns, record)).toEqual([{ kind: "confirmed" }]);
    await remove(record);
    expect(await verified(dns, record)).toEqual([{ kind: "confirmed" }]);
    passedMs += 30_000;
    // Absence is kept for the 900 s of the zone's SOA.
    expect(await verified(dns, record)).toEqual([{ kind: "missing", lateMs: 60_000 + 900_000 }]);
    await published(record);
    expect(await verified(dns, record)).toMatchObject([{ kind: "missing" }]);
    passedMs += 900_000;
    expect(await verified(dns, record)).toEqual([{ kind: "confirmed" }]);
  });
});
