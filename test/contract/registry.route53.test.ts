import type { Route53Client } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as route53 from "../../src/adapters/aws/sdk/route53.ts";
import { createRoute53Registry } from "../../src/adapters/aws/route53-registry.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createRoute53 } from "../../src/adapters/aws/route53.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { CloudCall } from "../../src/domain/run/events.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, readSets, startService } from "./dns.route53.world.ts";
import { dead, me, record, registrySuite, zone } from "./registry.suite.ts";

const { signal } = new AbortController();
const service = createService({ zones: [{ id: "Z1", name: `${zone}.`, private: true }] });
const clock = createClock();
const calls: CloudCall[] = [];
const aws = {
  region: async () => "eu-west-1",
  onCall: (call: CloudCall) => void calls.push(call),
  monotonicMs: () => clock.monotonicMs(),
};
const zones = keepZones(aws);
const registry = createRoute53Registry({ zones, clock });
// Each look afresh: what was seen before the zone was emptied is of no use.
const dnsOf = () => createRoute53({ ...aws, zones, onWarning: () => undefined, clock });
let world: Awaited<ReturnType<typeof startService>>;
let sdk: Route53Client;

beforeAll(async () => {
  world = await startService("127.66.53.22", service);
  sdk = world.sdk;
});

afterAll(async () => await world?.stop());

beforeEach(() => {
  service.reset?.();
  calls.length = 0;
});

registrySuite("Route 53", {
  registry,
  dns: {
    check: (...given) => dnsOf().check(...given),
    observe: (...given) => dnsOf().observe(...given),
    apply: (...given) => dnsOf().apply(...given),
  },
  reset: () => service.reset?.(),
  records: () =>
    service
      .records("Z1")
      .filter(({ name }) => !name.startsWith("_muster."))
      .flatMap(({ name, values }) => values.map((value) => `${name.slice(0, -1)} ${value}`))
      .toSorted(),
});

const publish = (owner: Owner, ...records: readonly DnsRecord[]) =>
  dnsOf().apply({ zone, publish: records, withdraw: [] }, owner, signal);
const counted = () => calls.map(({ operation }) => operation.replace("route53:", ""));

describe("Route 53", () => {
  test("a set of a dead instance's own goes with its claim and health check; its neighbours stay", async () => {
    const routing = { policy: "weighted", weight: 7 } as const;
    await publish(me, record("w", "10.0.0.1", { routing }));
    await publish(dead, record("w", "10.0.0.2", { routing, healthCheck: "check-1" }));
    await registry.disown({ zone }, dead, [`w.${zone}`], signal);
    expect(await readSets(sdk, `w.${zone}`)).toEqual([`A ${me.instance} weight 7 30 10.0.0.1`]);
    expect(await readSets(sdk, `_muster.w.${zone}`)).toHaveLength(1);
  });

  test("claims that are none, or stand in another instance's set, are nobody's", async () => {
    const texts = [
      `"heritage=muster"`,
      `"heritage=other,account=1,region=r,instance=i-1,type=A,value=v"`,
      `"v=spf1 -all"`,
      `""`,
    ];
    for (const [at, text] of texts.entries())
      await changeZone(sdk, "Z1", created({ Name: `_muster.g${at}.${zone}`, Type: "TXT" }, text));
    const claim = `"heritage=muster,account=${dead.account},region=${dead.region},instance=${dead.instance},type=A,value=10.0.0.1"`;
    const foreign = { Type: "TXT", SetIdentifier: me.instance, MultiValueAnswer: true } as const;
    await changeZone(sdk, "Z1", created({ ...foreign, Name: `_muster.h.${zone}` }, claim));
    await changeZone(sdk, "Z1", created({ Name: `plain.${zone}`, Type: "TXT" }, claim));
    expect((await registry.page({ zone }, undefined, signal)).owned).toEqual([]);
  });

  test("a value that nobody claims stays, also where a claim of the dead stands beside it", async () => {
    await publish(dead, record("a", "10.0.0.2"));
    await changeZone(
      sdk,
      "Z1",
      { Action: "DELETE", ResourceRecordSet: created({ Name: `a.${zone}` }, "10.0.0.2").ResourceRecordSet },
      created({ Name: `a.${zone}` }, "10.9.9.9"),
    );
    await registry.disown({ zone }, dead, [`a.${zone}`], signal);
    expect(await readSets(sdk, `a.${zone}`)).toEqual(["A - simple 30 10.9.9.9"]);
    expect(await readSets(sdk, `_muster.a.${zone}`)).toEqual([]);
  });

  test("one that comes to the name between the look and the write stays: it is read again", async () => {
    await publish(dead, record("a", "10.0.0.2"));
    let raced = false;
    const racing = createRoute53Registry({
      clock,
      zones: {
        ...zones,
        within: (name, aborted, work) =>
          zones.within(name, aborted, (zoneId, api) => {
            const call: typeof api.call = async (make, ...rest) => {
              if (!raced && make(route53) instanceof route53.ChangeResourceRecordSetsCommand) {
                raced = true;
                await publish(me, record("a", "10.0.0.1"));
              }
              return await api.call(make, ...rest);
            };
            return work(zoneId, { ...api, call });
          }),
      },
    });
    await racing.disown({ zone }, dead, [`a.${zone}`], signal);
    expect(raced).toBe(true);
    expect(await readSets(sdk, `a.${zone}`)).toEqual(["A - simple 30 10.0.0.1"]);
    expect(await readSets(sdk, `_muster.a.${zone}`)).toHaveLength(1);
  });

  test("a page costs one call, and a zone is read page by page from where the last one ended", async () => {
    const many = Array.from({ length: 200 }, (_, at) => record(`n${String(at).padStart(3, "0")}`));
    for (let at = 0; at < many.length; at += 50) await publish(dead, ...many.slice(at, at + 50));
    calls.length = 0;
    const first = await registry.page({ zone }, undefined, signal);
    expect(counted()).toEqual(["ListResourceRecordSets"]);
    const second = await registry.page({ zone }, first.next, signal);
    const names = new Set([...first.owned, ...second.owned].map(({ name }) => name));
    expect([first.owned.length, second.next, names.size]).toEqual([149, undefined, 200]);
    expect((await registry.page({ zone }, "no page said this", signal)).owned).toEqual(first.owned);
  });

  test("one owner costs one look and one batch, however many names", async () => {
    await publish(dead, record("a"), record("b"), record("c"));
    calls.length = 0;
    await registry.disown(
      { zone },
      dead,
      ["a", "b", "c"].map((label) => `${label}.${zone}`),
      signal,
    );
    expect(counted()).toEqual(["ListResourceRecordSets", "ChangeResourceRecordSets"]);
  });

  test("the zone's own sets, which muster never writes, are no obstacle", async () => {
    const before = await readSets(sdk, zone);
    const apex = { ...record("x"), name: zone };
    await publish(dead, apex);
    await registry.disown({ zone }, dead, [zone], signal);
    expect(before.map((line) => line.split(" ")[0])).toEqual(["NS", "SOA"]);
    expect(await readSets(sdk, zone)).toEqual(before);
  });
});
