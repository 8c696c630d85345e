import type { Change } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import { textOf } from "../../src/adapters/host/dns/rdata.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, readSets, startService } from "./dns.route53.world.ts";
import { dnsSuite } from "./dns.suite.ts";

const zone = "example.internal";
const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const other: Owner = { ...me, instance: "i-0ffffffffffffffff" };
const service = createService({
  zones: [{ id: "Z1", name: `${zone}.`, private: true }],
});
let world: Awaited<ReturnType<typeof startService>>;
const calls: Parameters<AwsDeps["onCall"]>[0][] = [];
const warnings: string[] = [];

beforeAll(async () => {
  world = await startService("127.66.53.1", service);
});

afterAll(() => world?.stop());

beforeEach(() => {
  calls.length = 0;
  warnings.length = 0;
});

function adapter(monotonicMs = () => performance.now()): Dns {
  const aws: AwsDeps = { region: async () => "eu-west-1", onCall: (call) => calls.push(call), monotonicMs };
  return createRoute53({ ...aws, zones: keepZones(aws), onWarning: warn, clock: createClock() });
}

function warn(_code: string, text: string): void {
  warnings.push(text);
}

const change = (zoneId: string, ...changes: readonly Change[]) => changeZone(world.sdk, zoneId, ...changes);
const setsAt = (name: string, zoneId?: string) => readSets(world.sdk, name, zoneId);

function address(label: string, value = "10.0.0.1", rest: Partial<DnsRecord> = {}): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value, ...rest };
}

async function publish(dns: Dns, owner: Owner, ...records: readonly DnsRecord[]): Promise<void> {
  await dns.apply({ zone: records[0]?.zone ?? zone, publish: records, withdraw: [] }, owner, signal);
}

const counted = () => calls.map(({ operation }) => operation.replace("route53:", ""));

dnsSuite("Route 53", () => ({
  dns: shared,
  zone,
  plant: ({ name, type, ttl, value }) => change("Z1", created({ Name: name, Type: type, TTL: ttl }, value)),
  async ask(name, type) {
    const sets = service.records("Z1").filter((set) => set.name === `${name}.` && set.type === type);
    const data = sets.flatMap(({ values }) => values);
    return data.map((one) => (type === "TXT" ? textOf(decimal(one)) : one.replace(/\.$/, ""))).toSorted();
  },
}));

const shared = adapter();

/** Route 53 escapes in octal. */
function decimal(value: string): string {
  return value.replaceAll(
    /\\([0-7]{3})/g,
    (_, code: string) => `\\${String(Number.parseInt(code, 8)).padStart(3, "0")}`,
  );
}

describe("Route 53", () => {
  test("a boot costs three calls: the zone, what it holds, one batch; unchanged costs none", async () => {
    const dns = adapter();
    const records = [address("boot"), address("boot", "2001:db8::1", { type: "AAAA" }), address("web")];
    await dns.observe(records, me, signal);
    await publish(dns, me, ...records);
    expect(await dns.observe(records, me, signal)).toEqual(records.map(() => ({ kind: "present" })));
    await publish(dns, me, ...records);
    expect(counted()).toEqual(["ListHostedZonesByName", "ListResourceRecordSets", "ChangeResourceRecordSets"]);
  });

  test("what was seen is looked at again once it is old", async () => {
    let now = 0;
    const dns = adapter(() => now);
    const record = address("aged");
    await publish(dns, me, record);
    await change("Z1", {
      Action: "DELETE",
      ResourceRecordSet: created({ Name: record.name }, record.value).ResourceRecordSet,
    });
    now = 11_000;
    expect(await dns.observe([record], me, signal)).toMatchObject([{ kind: "differs" }]);
    await publish(dns, me, record);
    expect(await setsAt(record.name)).toEqual(["A - simple 30 10.0.0.1"]);
  });

  test("a record and its ownership TXT come and go in one batch", async () => {
    const record = address("owned");
    await publish(shared, me, record);
    expect(await setsAt(`_muster.${record.name}`)).toEqual([
      `TXT - simple 30 "heritage=muster,account=111122223333,region=eu-west-1,instance=${me.instance},type=A,value=10.0.0.1"`,
    ]);
    await shared.apply({ zone, publish: [], withdraw: [record] }, me, signal);
    expect(await setsAt(`_muster.${record.name}`)).toEqual([]);
    expect(counted().filter((operation) => operation === "ChangeResourceRecordSets")).toHaveLength(2);
  });

  test.each([
    ["multivalue", { policy: "multivalue" } as const, "multivalue"],
    ["weighted", { policy: "weighted", weight: 40 } as const, "weight 40"],
  ])("%s: each instance has a set of its own, its claim too", async (label, routing, policy) => {
    const [mine, theirs] = [address(label, "10.0.0.1", { routing }), address(label, "10.0.0.2", { routing })];
    await publish(shared, me, mine);
    await publish(shared, other, theirs);
    expect(await setsAt(mine.name)).toEqual([
      `A ${me.instance} ${policy} 30 10.0.0.1`,
      `A ${other.instance} ${policy} 30 10.0.0.2`,
    ]);
    expect(await setsAt(`_muster.${mine.name}`)).toHaveLength(2);
    await shared.apply({ zone, publish: [], withdraw: [theirs] }, me, signal);
    expect(await setsAt(mine.name)).toHaveLength(2);
    await shared.apply({ zone, publish: [], withdraw: [mine] }, me, signal);
    expect(await setsAt(mine.name)).toEqual([`A ${other.instance} ${policy} 30 10.0.0.2`]);
    expect(await setsAt(`_muster.${mine.name}`)).toHaveLength(1);
  });

  test("another weight differs, and publishing corrects it", async () => {
    const light = address("weight", "10.0.0.1", { routing: { policy: "weighted", weight: 1 } });
    const heavy = address("weight", "10.0.0.1", { routing: { policy: "weighted", weight: 200 } });
    await publish(shared, me, light);
    expect(await shared.observe([heavy], me, signal)).toEqual([{ kind: "differs", seen: "weight 1" }]);
    await publish(shared, me, heavy);
    expect(await setsAt(heavy.name)).toEqual([`A ${me.instance} weight 200 30 10.0.0.1`]);
  });

  test("a weighted group keeps its TTL while others are in it", async () => {
    const routing = { policy: "weighted", weight: 1 } as const;
    await publish(shared, other, address("group", "10.0.0.2", { routing, ttl: 60 }));
    const mine = address("group", "10.0.0.1", { routing, ttl: 30 });
    await publish(shared, me, mine);
    expect(await shared.observe([mine], me, signal)).toEqual([{ kind: "present" }]);
    expect(await setsAt(mine.name)).toHaveLength(2);
  });

  test("a set with this instance's id that a person made is never touched", async () => {
    const record = address("taken-id", "10.0.0.1", { routing: { policy: "multivalue" } });
    await change("Z1", created({ Name: record.name, SetIdentifier: me.instance, MultiValueAnswer: true }, "10.9.9.9"));
    await expect(publish(shared, me, record)).rejects.toMatchObject({ code: "dns-name-owned" });
    expect(await setsAt(record.name)).toEqual([`A ${me.instance} multivalue 30 10.9.9.9`]);
  });

  test("a record that a person makes between the look and the write is never touched", async () => {
    const record = address("changed-meanwhile");
    const dns = adapter();
    await dns.observe([record], me, signal);
    await change("Z1", created({ Name: record.name }, "10.9.9.9"));
    await expect(publish(dns, me, record)).rejects.toMatchObject({ code: "dns-name-owned" });
    expect(await setsAt(record.name)).toEqual(["A - simple 30 10.9.9.9"]);
  });

  test("policies are not mixed under one name; the instance's own record follows its role", async () => {
    const simple = address("mixed");
    const multivalue = address("mixed", "10.0.0.1", { routing: { policy: "multivalue" } });
    await publish(shared, me, simple);
    await publish(shared, me, multivalue);
    expect(await setsAt(simple.name)).toEqual([`A ${me.instance} multivalue 30 10.0.0.1`]);
    const late = publish(shared, other, address("mixed", "10.0.0.2"));
    await expect(late).rejects.toMatchObject({ code: "dns-policy-mixed" });
    expect(await setsAt(simple.name)).toHaveLength(1);
  });

  test("one record that Route 53 refuses is named, and keeps no other out", async () => {
    const bad = address("bad", "no-address");
    const good = [address("good-1"), address("good-2"), address("good-3")];
    const refused = publish(shared, me, ...good.slice(0, 2), bad, ...good.slice(2));
    await expect(refused).rejects.toMatchObject({
      code: "dns-record-refused",
      message: expect.stringMatching(/bad\.example\.internal: .*Value is not a valid IPv4 address/) as string,
    });
    for (const record of good) expect(await setsAt(record.name)).toHaveLength(1);
    expect(await setsAt(bad.name)).toEqual([]);
  });

  test("a zone that is busy with another change is asked again", async () => {
    service.busyMs = 300;
    try {
      await publish(shared, me, address("busy-1"));
      await publish(shared, me, address("busy-2"));
    } finally {
      service.busyMs = 0;
    }
    expect(await setsAt(`busy-2.${zone}`)).toHaveLength(1);
    expect(calls.some(({ attempts }) => attempts > 1)).toBe(true);
  });

  test("a crowded name is warned of once, before it is full", async () => {
    const routing = { policy: "multivalue" } as const;
    const sets = Array.from({ length: 80 }, (_, at) =>
      created({ Name: `crowd.${zone}`, SetIdentifier: `i-${at}`, MultiValueAnswer: true }, `10.1.0.${at}`),
    );
    await change("Z1", ...sets);
    await publish(shared, me, address("crowd", "10.0.0.1", { routing }));
    expect(warnings).toEqual([expect.stringContaining(`crowd.${zone}`)]);
  });

  test("a set without routing that many instances share is warned of once, before it is full", async () => {
    const values = Array.from({ length: 320 }, (_, at) => ({ Value: `10.4.${at >> 8}.${at & 255}` }));
    await change("Z1", created({ Name: `shared-crowd.${zone}`, ResourceRecords: values }, ""));
    const dns = adapter();
    const record = address("shared-crowd");
    await dns.observe([record], me, signal);
    await dns.observe([record], me, signal);
    expect(warnings).toEqual([expect.stringContaining(`shared-crowd.${zone} has 320 values in one record set`)]);
  });

  test("a wildcard and names of the same beginning are listed exactly", async () => {
    const records = [address("*.app"), address("app"), address("app-2"), address("a.app")];
    await publish(shared, me, ...records);
    const dns = adapter();
    expect(await dns.observe(records, me, signal)).toEqual(records.map(() => ({ kind: "present" })));
  });

  test("a name with more sets than one page holds is read to its end", async () => {
    const routing = { policy: "multivalue" } as const;
    // Route 53 takes 100 sets of one type.
    const values = { AAAA: "2001:db8::1", MX: "10 mx.example.", SRV: "1 1 1 a.example.", TXT: `"text"` };
    const others = Object.entries(values).flatMap(([Type, value]) =>
      Array.from({ length: Type === "TXT" ? 99 : 100 }, (_, at) =>
        created({ Name: `page.${zone}`, Type: Type as "MX", SetIdentifier: `a-${at}`, MultiValueAnswer: true }, value),
      ),
    );
    await change("Z1", ...others);
    const record = address("page", "10.0.0.1", { routing });
    await publish(shared, me, record);
    expect(await adapter().observe([record], me, signal)).toEqual([{ kind: "present" }]);
  });

  test("a name that was taken when it was seen, and is free now, is published", async () => {
    const record = address("freed");
    const theirs = created({ Name: record.name }, "10.9.9.9");
    await change("Z1", theirs);
    expect(await shared.observe([record], me, signal)).toMatchObject([{ kind: "foreign" }]);
    await change("Z1", { ...theirs, Action: "DELETE" });
    await publish(shared, me, record);
    expect(await setsAt(record.name)).toEqual(["A - simple 30 10.0.0.1"]);
  });
});
