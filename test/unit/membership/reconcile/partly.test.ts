import { localPace } from "../../../../src/adapters/local/pace.ts";
import { beforeEach, expect, test } from "vitest";
import type { MusterError } from "../../../../src/domain/errors/errors.ts";
import type { Endpoints } from "../../../../src/domain/membership/membership.ts";
import { createMembership } from "../../../../src/membership/membership.ts";
import { createFakeDns } from "../../../fakes/dns.ts";
import { createWorld, never, record, story, target, trouble, wantIn, wantOut } from "../world.ts";

const other = "other.internal";
const two: Endpoints = {
  targets: [target("web"), target("api", 8080)],
  records: [record("web"), { ...record("web"), zone: other, name: `web.${other}` }],
};

/** An instance in two groups and two zones, of which one of each can be made to fail. */
async function inTwo() {
  const world = createWorld();
  const troubles = { api: undefined as MusterError | undefined, other: undefined as MusterError | undefined };
  const dns = createFakeDns(["example.internal", other]);
  const membership = createMembership({
    pace: localPace,
    ...world,
    tagPrefix: "muster:",
    balancer: {
      ...world.balancer,
      async observe(place, signal) {
        if (troubles.api !== undefined && place.group === "api") throw troubles.api;
        return await world.balancer.observe(place, signal);
      },
    },
    dns: {
      ...dns,
      async observe(records, owner, signal) {
        if (troubles.other !== undefined && records.some(({ zone }) => zone === other)) throw troubles.other;
        return await dns.observe(records, owner, signal);
      },
    },
  });
  await membership.want(wantIn(two));
  await membership.reconcile({ signal: never, listen: world.listen });
  world.events.length = 0;
  return { ...world, dns, membership, troubles, begunMs: world.clock.monotonicMs() };
}

let world: Awaited<ReturnType<typeof inTwo>>;

beforeEach(async () => {
  world = await inTwo();
});

test.each([
  ["is gone", trouble("balancer-group-missing", true)],
  ["may not be asked about", trouble("aws-access-denied", true)],
  ["is no longer the only one of its tag", trouble("balancer-group-ambiguous", false)],
])("a group that %s does not keep it in the others, and their users are served to the end", async (_what, error) => {
  const { clock, balancer, membership, listen, troubles, dns, tags, begunMs } = world;
  troubles.api = error;
  balancer.openConnections("web/i-1-80", 1);
  let drained: readonly string[] = [];
  clock.at(begunMs + 5_000, () => {
    drained = balancer.calls.filter((call) => !call.startsWith("register"));
  });
  await membership.want(wantOut());
  const left = membership.reconcile({ signal: never, listen });
  await expect(left).rejects.toMatchObject({ code: error.code, stage: "register" });
  expect(drained).toEqual(["drain web/i-1-80"]);
  expect(balancer.members()).toEqual(["api/i-1-8080"]);
  // The drain time of the group that is left, and not the limit of the trouble.
  expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(20_000);
  expect(clock.monotonicMs() - begunMs).toBeLessThan(60_000);
  expect(dns.records()).toEqual([]);
  expect(tags.current()).toMatchObject({ "muster:state": "out-of-service" });
});

test.each([
  ["is gone", trouble("dns-zone-missing", false)],
  ["does not answer", trouble("dns-unreachable", true)],
])("a zone that %s does not keep its names in the others, and those are forgotten first", async (_what, error) => {
  const { clock, dns, membership, listen, troubles, balancer, begunMs } = world;
  troubles.other = error;
  dns.spreading = true;
  clock.at(begunMs + 10_000, () => void (dns.spreading = false));
  let withdrawn: readonly string[] = [];
  clock.at(begunMs + 2_000, () => {
    withdrawn = dns.calls.filter((call) => call.startsWith("withdraw"));
  });
  await membership.want(wantOut());
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({
    code: error.code,
    stage: "dns",
  });
  expect(withdrawn).toEqual(["withdraw web.example.internal A 10.0.0.1"]);
  expect(balancer.members()).toEqual([]);
  // Dropped after 10 seconds, with a TTL of 30.
  expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(40_000);
  expect(clock.monotonicMs() - begunMs).toBeLessThan(80_000);
});

test("a group and a zone that were deleted after the instance had left them hold it up in no new ones", async () => {
  const { balancer, dns, membership, listen, troubles, events } = world;
  troubles.api = trouble("balancer-group-missing", true);
  troubles.other = trouble("dns-zone-missing", false);
  await membership.want(wantIn({ targets: [target("web")], records: [record("new")] }));
  expect(await membership.reconcile({ signal: never, listen })).toMatchObject({ kind: "agrees", want: "in" });
  expect(balancer.members()).toContain("web/i-1-80");
  expect(dns.records()).toContain("new.example.internal 30 A 10.0.0.1");
  expect(story(events).filter((line) => line.startsWith("notice"))).toEqual([
    "notice balancer-group-missing",
    "notice dns-zone-missing",
  ]);
  // It is told once: the wish knows of them no longer.
  expect(membership.status().wish?.former).toEqual({ targets: [], records: [] });
});

test("a former place that cannot be asked about is not taken for left", async () => {
  const { membership, listen, troubles } = world;
  troubles.api = trouble("aws-access-denied", true);
  await membership.want(wantIn({ targets: [target("web")], records: two.records }));
  const reconciled = membership.reconcile({ signal: never, listen });
  await expect(reconciled).rejects.toMatchObject({ code: "aws-access-denied", stage: "register" });
  expect(membership.status().wish?.former.targets).toEqual([target("api", 8080)]);
});

test("a group that is wanted and missing is waited for", async () => {
  const { membership, clock, listen, troubles, begunMs } = world;
  troubles.api = trouble("balancer-group-missing", true);
  clock.at(begunMs + 10_000, () => void (troubles.api = undefined));
  expect(await membership.reconcile({ signal: never, listen })).toMatchObject({ kind: "agrees", want: "in" });
  expect(clock.monotonicMs() - begunMs).toBeGreaterThanOrEqual(10_000);
});
