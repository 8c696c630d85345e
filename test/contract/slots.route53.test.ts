import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { createRoute53Slots } from "../../src/adapters/aws/route53-slots.ts";
import { keepZones } from "../../src/adapters/aws/route53-zones.ts";
import { createClock } from "../../src/adapters/host/clock.ts";
import type { Slot } from "../../src/domain/membership/slot.ts";
import type { Slots } from "../../src/ports/slots.ts";
import type { Handler } from "../lab/aws-front/handler.ts";
import { createRoute53 as createService } from "../lab/aws-front/route53.ts";
import { changeZone, created, readSets, startService } from "./dns.route53.world.ts";
import { slotsSuite } from "./slots.suite.ts";

const zone = "example.internal";
const signal = new AbortController().signal;
const me = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const service = createService({
  zones: [
    { id: "Z1", name: `${zone}.`, private: true },
    { id: "Z2", name: `twin.example.`, private: true },
    { id: "Z3", name: `twin.example.`, private: true },
  ],
});
let world: Awaited<ReturnType<typeof startService>>;
const calls: string[] = [];
/** How far the service's clock is ahead of this machine's. */
let serviceAheadMs = 0;

const clocked: Handler = {
  ...service,
  async handle(request, forward) {
    const answer = await service.handle(request, forward);
    const date = new Date(Date.now() + serviceAheadMs).toUTCString();
    return { ...answer, headers: { ...answer.headers, date } };
  },
};

beforeAll(async () => {
  world = await startService("127.66.53.3", clocked);
});

afterAll(() => world?.stop());

beforeEach(() => {
  world.front.faults.clear();
  calls.length = 0;
  serviceAheadMs = 0;
});

function slots(aheadMs = 0): Slots {
  const clock = createClock();
  const aws: AwsDeps = {
    region: async () => "eu-west-1",
    onCall: ({ operation }) => calls.push(operation.replace("route53:", "")),
    monotonicMs: () => clock.monotonicMs(),
  };
  const now = () => new Date(clock.now().getTime() + aheadMs);
  return createRoute53Slots({ zones: keepZones(aws), clock: { ...clock, now } });
}

slotsSuite("Route 53", () => ({
  slots,
  zone,
  plant: ({ name }, number) =>
    changeZone(world.sdk, "Z1", created({ Name: `_muster-slot-${number}.${name}`, Type: "TXT" }, '"reserved"')),
}));

function slot(name: string): Slot {
  return { zone, name: `${name}.${zone}`, count: 1 };
}

describe("slots in Route 53", () => {
  test("taking one costs the zone once, a listing and a batch; it is a simple TXT set", async () => {
    const mine = slots();
    const taken = await mine.take(slot("cost"), me, 60_000, signal);
    await mine.renew(slot("cost"), me, 120_000, signal);
    const [zoneOnce, ...pairs] = calls;
    expect(zoneOnce).toBe("ListHostedZonesByName");
    const pair = ["ListResourceRecordSets", "ChangeResourceRecordSets"];
    expect(pairs).toEqual([...pair, ...pair]);
    expect(taken.kind).toBe("taken");
    expect(await readSets(world.sdk, `_muster-slot-1.cost.${zone}`)).toEqual([
      expect.stringMatching(
        /^TXT - simple 30 "heritage=muster-slot,account=111122223333,region=eu-west-1,instance=i-0a1b2c3d4e5f60718,until=/,
      ),
    ]);
    await mine.release(slot("cost"), me, signal);
    expect(await readSets(world.sdk, `_muster-slot-1.cost.${zone}`)).toEqual([]);
  });

  test.each([
    ["throttled", { kind: "throttle", times: 2 }],
    ["a broken connection", { kind: "reset", times: 1 }],
    ["a batch that was taken, whose answer was lost", { kind: "answer-lost", times: 1 }],
  ] as const)("%s: it is tried again, and one is held", async (what, fault) => {
    const name = slot(what.replaceAll(/\W+/g, "-"));
    world.front.faults.add({ ...fault, action: "ChangeResourceRecordSets" });
    expect(await slots().take(name, me, 60_000, signal)).toMatchObject({ kind: "taken", number: 1 });
    expect(await readSets(world.sdk, `_muster-slot-1.${name.name}`)).toHaveLength(1);
  });

  test("a set with another routing is in the way", async () => {
    const name = `_muster-slot-1.routed.${zone}`;
    const text = `"heritage=muster-slot,account=a,region=r,instance=i-0a1b2c3d4e5f60718,until=2020-01-01T00:00:00.000Z"`;
    await changeZone(world.sdk, "Z1", created({ Name: name, Type: "TXT", SetIdentifier: "x", Weight: 1 }, text));
    expect(await slots().take(slot("routed"), me, 60_000, signal)).toEqual({ kind: "busy", owners: [{ number: 1 }] });
  });

  test("on a machine whose clock is wrong the service's time counts", async () => {
    serviceAheadMs = 3_600_000;
    const taken = await slots().take(slot("clock"), me, 60_000, signal);
    const aheadMs = taken.kind === "taken" ? Date.parse(taken.until) - Date.now() : 0;
    expect(aheadMs).toBeGreaterThan(3_600_000);
  });

  test("two zones of one name have a slot each, by their ids", async () => {
    const [two, three] = ["Z2", "Z3"].map((zoneId) => ({
      ...slot("x"),
      zone: "twin.example",
      name: "x.twin.example",
      zoneId,
    }));
    if (two === undefined || three === undefined) throw new Error("no slots");
    const other = { ...me, instance: "i-0ffffffffffffffff" };
    expect(await slots().take(two, me, 60_000, signal)).toMatchObject({ kind: "taken" });
    expect(await slots().take(three, other, 60_000, signal)).toMatchObject({ kind: "taken" });
    expect(await slots().take(two, other, 60_000, signal)).toMatchObject({ kind: "busy" });
  });

  test("the id of a zone of another name: Route 53's own words, and no talk of others", async () => {
    const taken = slots().take({ ...slot("other"), zoneId: "Z2" }, me, 60_000, signal);
    await expect(taken).rejects.toMatchObject({
      code: "dns-record-refused",
      message: expect.stringContaining("is not permitted in zone twin.example") as string,
    });
  });

  test("a zone that there is not is said", async () => {
    const nowhere = { zone: "nowhere.example", name: "patch.nowhere.example", count: 1 };
    await expect(slots().take(nowhere, me, 60_000, signal)).rejects.toMatchObject({ code: "dns-zone-missing" });
  });
});
