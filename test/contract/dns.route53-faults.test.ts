import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import { denied } from "../lab/aws-front/faults.ts";
import { forActions } from "../lab/aws-front/handler.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { readSets, startService } from "./dns.route53.world.ts";

const zone = "example.internal";
const signal = new AbortController().signal;
const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const zones = [{ id: "Z1", name: `${zone}.`, private: true }];
const service = createService({ zones });
let world: Awaited<ReturnType<typeof startService>>;
let dns: Dns;
/** A name that the policy does not allow: a batch with it is denied whole. */
let denies: string | undefined;
const policy = forActions("a policy", "route53", ["ChangeResourceRecordSets"], async (request, forward) =>
  denies !== undefined && request.body.includes(`<Name>${denies}`) ? denied(request) : forward(),
);

beforeAll(async () => {
  world = await startService("127.66.53.2", service, [policy]);
});

afterAll(() => world?.stop());

/** Time that the adapter believes to have passed beside the real one. */
let passedMs = 0;

beforeEach(() => {
  passedMs = 0;
  denies = undefined;
  world.front.faults.clear();
  service.reset?.();
  const clock = createClock();
  const aws: AwsDeps = {
    region: async () => "eu-west-1",
    onCall: () => undefined,
    monotonicMs: () => clock.monotonicMs() + passedMs,
  };
  dns = createRoute53({ ...aws, zones: keepZones(aws), onWarning: () => undefined, clock });
});

const record: DnsRecord = { zone, name: `web.${zone}`, type: "A", ttl: 30, value: "10.0.0.1" };
const questions = () => world.front.calls({ operation: "route53:GetChange" }).length;
const publish = () => dns.apply({ zone, publish: [record], withdraw: [] }, me, signal);

test.each([
  ["throttled", { kind: "throttle", times: 2 }],
  ["an error of Route 53 itself", { kind: "error", status: 503, times: 1 }],
  ["a broken connection", { kind: "reset", times: 1 }],
  ["a batch that was taken, whose answer was lost", { kind: "answer-lost", times: 1 }],
] as const)("%s: it is tried again, and the record is there once", async (_what, fault) => {
  world.front.faults.add({ ...fault, action: "ChangeResourceRecordSets" });
  await publish();
  expect(await dns.observe([record], me, signal)).toEqual([{ kind: "present" }]);
  expect(await readSets(world.sdk, record.name)).toEqual(["A - simple 30 10.0.0.1"]);
});

test.each(["ListHostedZonesByName", "ListResourceRecordSets", "ChangeResourceRecordSets"])(
  "what is no answer to %s is neither a missing zone nor an empty one, and passes",
  async (action) => {
    world.front.faults.add({ kind: "garbage", action, times: 1 });
    await expect(publish()).rejects.toMatchObject({ code: "aws-unreachable", transient: true });
    await publish();
    expect(await readSets(world.sdk, record.name)).toHaveLength(1);
  },
);

test("a zone that was deleted is found missing at once, and made anew it is found again", async () => {
  await publish();
  try {
    const [first] = zones.splice(0);
    // Seen just now is as good as known.
    passedMs += 60_000;
    await expect(dns.observe([record], me, signal)).rejects.toMatchObject({ code: "dns-zone-missing" });
    if (first !== undefined) zones.push(first);
    expect(await dns.observe([record], me, signal)).toEqual([{ kind: "present" }]);
    zones.splice(0, 1, { id: "Z2", name: `${zone}.`, private: true });
    passedMs += 60_000;
    expect(await dns.observe([record], me, signal)).toEqual([{ kind: "absent" }]);
    await publish();
    expect(await readSets(world.sdk, record.name, "Z2")).toHaveLength(1);
  } finally {
    zones.splice(0, zones.length, { id: "Z1", name: `${zone}.`, private: true });
  }
});

test("a denial names the permission that is missing", async () => {
  world.front.faults.add({ kind: "denied", action: "ChangeResourceRecordSets" });
  await expect(publish()).rejects.toMatchObject({
    code: "aws-access-denied",
    hint: expect.stringContaining("route53:ChangeResourceRecordSets") as string,
  });
});

test("a name that the policy does not allow keeps the others of the batch in, and is named", async () => {
  const names = ["a", "b", "c", "d"].map((label): DnsRecord => ({ ...record, name: `${label}.${zone}` }));
  denies = `c.${zone}`;
  const failed = dns.apply({ zone, publish: names, withdraw: [] }, me, signal);
  await expect(failed).rejects.toMatchObject({
    code: "aws-access-denied",
    message: expect.stringContaining(`for c.${zone}, _muster.c.${zone}`) as string,
  });
  const states = await dns.observe(names, me, signal);
  expect(states.map(({ kind }) => kind)).toEqual(["present", "present", "absent", "present"]);
});

test("what was withdrawn is so once every server has dropped it, and for a minute at the most", async () => {
  await publish();
  service.pendingMs = 1_500;
  try {
    await dns.apply({ zone, publish: [], withdraw: [record] }, me, signal);
    expect(await dns.observe([record], me, signal)).toEqual([{ kind: "withdrawing" }]);
    // It is not asked again at once: five requests a second are for a whole account.
    const asked = questions();
    expect(await dns.observe([record], me, signal)).toEqual([{ kind: "withdrawing" }]);
    expect(questions()).toBe(asked);
    await expect
      .poll(async () => await dns.observe([record], me, signal), { timeout: 10_000, interval: 500 })
      .toEqual([{ kind: "absent" }]);
    expect(questions()).toBe(asked + 1);
  } finally {
    service.pendingMs = 0;
  }
});

test("where nobody may ask about a change, it is waited for, and leaving goes on", async () => {
  await publish();
  world.front.faults.add({ kind: "denied", action: "GetChange" });
  await dns.apply({ zone, publish: [], withdraw: [record] }, me, signal);
  expect(await dns.observe([record], me, signal)).toEqual([{ kind: "withdrawing" }]);
  passedMs = 60_000;
  expect(await dns.observe([record], me, signal)).toEqual([{ kind: "absent" }]);
});
