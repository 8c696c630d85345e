import type { Route53Client } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, readSets, startService } from "./dns.route53.world.ts";

const zone = "example.internal";
const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const other: Owner = { ...me, instance: "i-0ffffffffffffffff" };
const service = createService({ zones: [{ id: "Z1", name: `${zone}.`, private: true }] });
const clock = createClock();
let sdk: Route53Client;
let world: Awaited<ReturnType<typeof startService>>;

beforeAll(async () => {
  world = await startService("127.66.53.21", service);
  sdk = world.sdk;
});

afterAll(async () => await world?.stop());

const aws = {
  region: async () => "eu-west-1",
  onCall: () => undefined,
  monotonicMs: () => clock.monotonicMs(),
};
const dns = createRoute53({ ...aws, zones: keepZones(aws), onWarning: () => undefined, clock });

function record(label: string, rest: Partial<DnsRecord> = {}): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value: "10.0.0.1", ...rest };
}

const publish = (owner: Owner, ...records: readonly DnsRecord[]) =>
  dns.apply({ zone, publish: records, withdraw: [] }, owner, signal);
const healthChecks = () =>
  service
    .records("Z1")
    .flatMap(({ name, type, healthCheck }) => (healthCheck === undefined ? [] : [[name, type, healthCheck]]));

test("a routed set answers by its health check, which can change; its claim has none", async () => {
  const checked = record("checked", { routing: { policy: "multivalue" }, healthCheck: "check-1" });
  await publish(me, checked);
  expect(healthChecks()).toEqual([[`${checked.name}.`, "A", "check-1"]]);
  expect(await dns.observe([checked], me, signal)).toEqual([{ kind: "present" }]);
  const [changed, without] = [
    { ...checked, healthCheck: "check-2" },
    { ...checked, healthCheck: undefined },
  ];
  expect(await dns.observe([changed], me, signal)).toEqual([{ kind: "differs", seen: "health check check-1" }]);
  await publish(me, changed);
  expect(healthChecks()).toEqual([[`${checked.name}.`, "A", "check-2"]]);
  await publish(me, without);
  expect(healthChecks()).toEqual([]);
});

test.each([
  ["simple", undefined],
  ["multivalue", { policy: "multivalue" } as const],
  ["weighted", { policy: "weighted", weight: 1 } as const],
])("an alias to a balancer is left alone and named (%s)", async (label, routing) => {
  const name = `alias-${label}.${zone}`;
  await changeZone(sdk, "Z1", {
    Action: "CREATE",
    ResourceRecordSet: {
      Name: name,
      Type: "A",
      AliasTarget: { DNSName: "Web-1.elb.amazonaws.com", HostedZoneId: "Z", EvaluateTargetHealth: false },
    },
  });
  const mine = record(`alias-${label}`, routing === undefined ? {} : { routing });
  expect(await dns.observe([mine], me, signal)).toEqual([
    { kind: "foreign", owner: "an alias of web-1.elb.amazonaws.com" },
  ]);
  await expect(publish(me, mine)).rejects.toMatchObject({
    code: "dns-name-owned",
    message: expect.stringContaining("an alias of web-1.elb.amazonaws.com") as string,
  });
  expect(service.records("Z1").filter((set) => set.name === `${name}.`)).toMatchObject([
    { alias: "Web-1.elb.amazonaws.com" },
  ]);
});

test("the name that a tag asks for gives way to another policy; its own set of another policy moves", async () => {
  const multivalue = { policy: "multivalue" } as const;
  const weighted = { policy: "weighted", weight: 1 } as const;
  const wanted = record("tagged", { routing: weighted, tag: "muster:dns" });
  await publish(me, { ...wanted, routing: multivalue });
  await publish(me, wanted);
  expect(await readSets(sdk, wanted.name)).toEqual([`A ${me.instance} weight 1 30 10.0.0.1`]);
  const late = { ...wanted, value: "10.0.0.2", routing: multivalue };
  expect(await dns.observe([late], other, signal)).toEqual([
    { kind: "foreign", owner: "records of another routing policy (weighted)" },
  ]);
});

test("the name that a tag asks for gives way to a set that instances share, unless nobody else is in it", async () => {
  const wanted = record("shared", { routing: { policy: "multivalue" }, tag: "muster:dns" });
  const simple = { ...wanted, routing: undefined };
  await publish(me, simple);
  expect(await dns.observe([wanted], me, signal)).toMatchObject([{ kind: "differs" }]);
  await publish(other, { ...simple, value: "10.0.0.2" });
  expect(await dns.observe([wanted], me, signal)).toMatchObject([{ kind: "foreign" }]);
  await changeZone(sdk, "Z1", created({ Name: `person.${zone}` }, "10.9.9.9"));
  expect(await dns.observe([{ ...wanted, name: `person.${zone}` }], me, signal)).toMatchObject([{ kind: "foreign" }]);
});
