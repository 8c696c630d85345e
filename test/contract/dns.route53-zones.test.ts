// Zones by name and by id: several of one name are legal in Route 53 (Route 53 Developer Guide, "Considerations when
// working with a private hosted zone"; as people meet it: github.com/octodns/octodns-route53/issues/146, two public ones;
// github.com/boto/boto/issues/2977, two private ones).
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import { createFakeStateFiles, type FakeStateFiles } from "../fakes/state-files.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { readSets, startService } from "./dns.route53.world.ts";

const zone = "example.internal";
const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const service = createService({
  zones: [
    { id: "Z1", name: `${zone}.`, private: true },
    { id: "Z2", name: "split.example.", private: true },
    { id: "Z3", name: "split.example.", private: false },
    { id: "Z4", name: "twin.example.", private: true },
    { id: "Z5", name: "twin.example.", private: true },
  ],
});
let world: Awaited<ReturnType<typeof startService>>;
const calls: string[] = [];

beforeAll(async () => {
  world = await startService("127.66.53.4", service);
});

afterAll(() => world?.stop());

beforeEach(() => {
  calls.length = 0;
});

function adapter(files?: FakeStateFiles): Dns {
  const aws: AwsDeps = {
    region: async () => "eu-west-1",
    onCall: ({ operation }) => calls.push(operation.replace("route53:", "")),
    monotonicMs: () => performance.now(),
  };
  return createRoute53({ ...aws, zones: keepZones(aws, files), onWarning: () => undefined, clock: createClock() });
}

const shared = adapter();
const setsAt = (name: string, zoneId?: string) => readSets(world.sdk, name, zoneId);

function address(label: string): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value: "10.0.0.1" };
}

async function publish(dns: Dns, owner: Owner, ...records: readonly DnsRecord[]): Promise<void> {
  await dns.apply({ zone: records[0]?.zone ?? zone, publish: records, withdraw: [] }, owner, signal);
}

test("a public and a private zone of one name are told apart, or it is asked which", async () => {
  const record: DnsRecord = { zone: "split.example", name: "a.split.example", type: "A", ttl: 30, value: "10.0.0.1" };
  await expect(shared.observe([record], me, signal)).rejects.toMatchObject({
    code: "dns-zone-ambiguous",
    message: expect.stringContaining("Z2 (private), Z3 (public)") as string,
    hint: expect.stringContaining("zoneId") as string,
  });
  await publish(
    shared,
    me,
    { ...record, visibility: "public", value: "192.0.2.1" },
    { ...record, visibility: "private" },
  );
  expect(await setsAt(record.name, "Z2")).toEqual(["A - simple 30 10.0.0.1"]);
  expect(await setsAt(record.name, "Z3")).toEqual(["A - simple 30 192.0.2.1"]);
});

test("of two private zones of one name the id says which, and no zone is looked for", async () => {
  const record = { zone: "twin.example", name: "a.twin.example", type: "A", ttl: 30, value: "10.0.0.1" } as const;
  await expect(publish(shared, me, { ...record, visibility: "private" })).rejects.toMatchObject({
    code: "dns-zone-ambiguous",
    message: expect.stringContaining("twin.example (private) in this account: Z4 (private), Z5 (private)") as string,
  });
  calls.length = 0;
  await publish(shared, me, { ...record, zoneId: "Z4" }, { ...record, zoneId: "Z5", value: "10.0.0.5" });
  expect(await setsAt(record.name, "Z4")).toEqual(["A - simple 30 10.0.0.1"]);
  expect(await setsAt(record.name, "Z5")).toEqual(["A - simple 30 10.0.0.5"]);
  expect(await shared.observe([{ ...record, zoneId: "Z5" }], me, signal)).toEqual([{ kind: "absent" }]);
  await shared.apply({ zone: "twin.example", publish: [], withdraw: [{ ...record, zoneId: "Z4" }] }, me, signal);
  expect(await setsAt(record.name, "Z4")).toEqual([]);
  expect(await setsAt(record.name, "Z5")).toHaveLength(1);
  expect(calls).not.toContain("ListHostedZonesByName");
});

test("an id that no zone has, and one of a zone of another name, are said with the id", async () => {
  const unknown = publish(shared, me, { ...address("id"), zoneId: "ZNONE" });
  await expect(unknown).rejects.toMatchObject({
    code: "dns-zone-missing",
    message: "Route 53 has no zone example.internal (ZNONE) in this account",
    hint: expect.stringContaining("zoneId") as string,
  });
  const other = publish(shared, me, { ...address("id"), zoneId: "Z2" });
  await expect(other).rejects.toMatchObject({
    code: "dns-record-refused",
    message: expect.stringMatching(/id\.example\.internal.*is not permitted in zone split\.example/) as string,
    hint: expect.stringContaining("zone") as string,
  });
});

test("a zone by name and the same one by its id are one", async () => {
  const dns = adapter();
  const isSame = (one: Partial<DnsRecord>, other: Partial<DnsRecord>) =>
    dns.isSameZone?.({ zone, ...one }, { zone, ...other }, signal);
  expect(await isSame({}, { zoneId: "Z1" })).toBe(true);
  expect(await isSame({}, { zoneId: "Z9" })).toBe(false);
  expect(await isSame({ visibility: "private" }, {})).toBe(true);
  expect(await isSame({}, { zone: "split.example", zoneId: "Z2" })).toBe(false);
});

test("a zone that was found by its name is kept: a second zone of that name keeps no later agent out", async () => {
  const files = createFakeStateFiles();
  files.texts.set("zones.json", '{"v":1,"zones":[{"key":"twin.example ","id":"Z5"}]}');
  const dns = adapter(files);
  const record = { zone: "twin.example", name: "kept.twin.example", type: "A", ttl: 30, value: "10.0.0.1" } as const;
  await publish(dns, me, record, address("kept"));
  expect(await setsAt(record.name, "Z5")).toHaveLength(1);
  expect(JSON.parse(files.texts.get("zones.json") ?? "")).toMatchObject({
    zones: [
      { key: "twin.example ", id: "Z5" },
      { key: "example.internal ", id: "Z1" },
    ],
  });
  files.texts.set("zones.json", '{"v":1,"zones":[{"key":"example.internal ","id":"ZGONE"}]}');
  await publish(adapter(files), me, address("anew"));
  expect(await setsAt(`anew.${zone}`)).toHaveLength(1);
  expect(files.texts.get("zones.json")).toContain('"id":"Z1"');
});
