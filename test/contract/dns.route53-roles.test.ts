// A zone of another account, through a role there: the SDK, the front's STS and Route 53 on the wire.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAssumedRole } from "../../src/adapters/aws/assumed-role.ts";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { createRoute53Slots } from "../../src/adapters/aws/route53-slots.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import { isOutage } from "../../src/domain/errors/outage.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { createSts } from "../lab/aws-front/sts.ts";
import { startService } from "./dns.route53.world.ts";

const zone = "shared.example";
const arn = "arn:aws:iam::444455556666:role/dns-writer";
const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const trusting = [{ arn, externalId: "muster-42" }, { arn: `${arn}-2` }];
const sts = createSts(trusting);
const service = createService({
  zones: [
    { id: "ZOWN", name: `${zone}.`, private: true },
    { id: "ZTHEIRS", name: `${zone}.`, private: true, account: "444455556666" },
  ],
  accountOf: (key) => sts.accountOf(key),
});
const theirs: DnsRecord = {
  ...{ zone, name: `a.${zone}`, type: "A", ttl: 30, value: "10.0.0.1" },
  ...{ assumeRole: arn, externalId: "muster-42" },
};
let world: Awaited<ReturnType<typeof startService>>;
let now = () => new Date();
const calls: string[] = [];

beforeAll(async () => {
  world = await startService("127.66.53.5", service, [sts.over, sts]);
});

afterAll(() => world?.stop());

beforeEach(() => {
  world.front.faults.clear();
  sts.roles = trusting;
  calls.length = 0;
  now = () => new Date();
});

function zonesOf() {
  const clock = createClock();
  const aws: AwsDeps = {
    region: async () => "eu-west-1",
    onCall: ({ operation }) => calls.push(operation),
    monotonicMs: () => clock.monotonicMs(),
    maxAttempts: 2,
    refusals: { count: 0 },
  };
  const zones = keepZones(aws, undefined, (role) => {
    const refusals = { count: 0 };
    const source = createAssumedRole({ aws, role, refusals, instanceId: async () => me.instance, now: () => now() });
    return { ...aws, credentials: source, refusals };
  });
  return { ...{ aws, zones, clock }, dns: createRoute53({ ...aws, zones, clock, onWarning: () => undefined }) };
}

const minutesLater = (minutes: number) => new Date(Date.now() + minutes * 60_000);
const recordsOf = (id: string) =>
  service
    .records(id)
    .map(({ name }) => name.slice(0, -1))
    .toSorted();
const publish = (dns: ReturnType<typeof zonesOf>["dns"], ...records: readonly DnsRecord[]) =>
  dns.apply({ zone, publish: records, withdraw: [] }, me, signal);

test("a record goes to the zone of that account, and one without a role stays in the own one", async () => {
  const { dns } = zonesOf();
  await publish(dns, theirs, { ...theirs, name: `b.${zone}`, zoneId: "ZTHEIRS" });
  await publish(dns, { zone, name: `own.${zone}`, type: "A", ttl: 30, value: "10.0.0.1" });
  expect(recordsOf("ZTHEIRS")).toEqual([`_muster.a.${zone}`, `a.${zone}`, `_muster.b.${zone}`, `b.${zone}`].toSorted());
  expect(recordsOf("ZOWN")).toEqual([`_muster.own.${zone}`, `own.${zone}`]);
  expect(sts.assumed).toEqual([`${arn} as muster-${me.instance}`]);
  expect(calls.filter((call) => call === "sts:AssumeRole")).toHaveLength(1);
  expect(await dns.observe([theirs], me, signal)).toEqual([{ kind: "present" }]);
  await dns.apply({ zone, publish: [], withdraw: [theirs] }, me, signal);
  expect(recordsOf("ZTHEIRS")).not.toContain(`a.${zone}`);
});

test("a slot of that account is held there", async () => {
  const { zones, clock } = zonesOf();
  const slot = { zone, zoneId: "ZTHEIRS", assumeRole: `${arn}-2`, name: `web.${zone}`, count: 1 };
  expect(await createRoute53Slots({ zones, clock }).take(slot, me, 60_000, signal)).toMatchObject({ kind: "taken" });
  expect(recordsOf("ZTHEIRS")).toContain(`_muster-slot-1.web.${zone}`);
});

test.each([
  ["a role that is not there", { assumeRole: `${arn}-none` }],
  ["another external id", { externalId: "other" }],
])("%s: the code, the role and the remedy; a new role may take a while to be known", async (_, given) => {
  await expect(publish(zonesOf().dns, { ...theirs, ...given })).rejects.toMatchObject({
    code: "aws-role-refused",
    message: expect.stringContaining("assumeRole" in given ? given.assumeRole : arn) as string,
    hint: expect.stringContaining("externalId") as string,
    transient: true,
  });
});

test.each([
  ["throttled", { kind: "throttle" }, "aws-throttled"],
  ["in trouble", { kind: "error", status: 500 }, "aws-unreachable"],
  ["out of reach", { kind: "reset" }, "aws-unreachable"],
  ["talking nonsense", { kind: "garbage" }, "aws-unreachable"],
] as const)("STS that is %s is an outage, and names the role", async (_, fault, code) => {
  const { dns } = zonesOf();
  world.front.faults.add({ ...fault, service: "sts", action: "AssumeRole" });
  const failed = await publish(dns, theirs).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code, transient: true, message: expect.stringContaining(arn) as string });
  expect(failed).toMatchObject({ message: expect.stringContaining("sts:AssumeRole") as string });
  expect(isOutage(failed)).toBe(true);
  world.front.faults.clear();
  await publish(dns, theirs);
});

test("the role is assumed again before its credentials run out; without STS the last ones serve to their end", async () => {
  const refusals = { count: 0 };
  const { aws } = zonesOf();
  const role = { arn: `${arn}-2` };
  const source = createAssumedRole({ aws, role, refusals, instanceId: async () => me.instance, now: () => now() });
  const [first, again] = await Promise.all([source.provide(), source.provide()]);
  expect(again).toEqual(first);
  expect(source.used()).toContain(role.arn);
  now = () => minutesLater(54);
  expect(await source.provide()).toEqual(first);
  now = () => minutesLater(56);
  world.front.faults.add({ kind: "reset", service: "sts", action: "AssumeRole" });
  expect(await source.provide()).toEqual(first);
  now = () => minutesLater(60);
  await expect(source.provide()).rejects.toMatchObject({ code: "aws-unreachable" });
  world.front.faults.clear();
  const second = await source.provide();
  expect(second).not.toEqual(first);
  now = () => new Date();
  refusals.count += 1;
  expect(await source.provide()).not.toEqual(second);
});

test("a session that was ended is taken anew by the next attempt", async () => {
  const { dns } = zonesOf();
  await publish(dns, { ...theirs, name: `c.${zone}` });
  sts.endSessions();
  const record = { ...theirs, name: `d.${zone}` };
  await expect(publish(dns, record)).rejects.toMatchObject({ code: "aws-credentials-refused", transient: true });
  await publish(dns, record);
  expect(recordsOf("ZTHEIRS")).toContain(`d.${zone}`);
});

test("no secret of the role is in an error", async () => {
  const { dns } = zonesOf();
  await publish(dns, theirs);
  sts.endSessions();
  const failed = await publish(dns, { ...theirs, name: `e.${zone}` }).catch((error: unknown) => error);
  expect(JSON.stringify(failed, Object.getOwnPropertyNames(failed))).not.toMatch(
    /secret-of-the-role|token-of-the-role/,
  );
});
