import { localPace } from "../../../../src/adapters/local/pace.ts";
import { expect, test } from "vitest";
import { createMembership } from "../../../../src/membership/membership.ts";
import type { LoadBalancer } from "../../../../src/ports/load-balancer.ts";
import { createWorld, home, never, record, story, target, trouble, wantIn } from "../world.ts";

test("DNS is not asked while the balancer is waited for, and no oftener than it takes", async () => {
  const { membership, clock, balancer, dns, listen } = createWorld();
  balancer.passes = () => clock.monotonicMs() >= 30_000;
  dns.trouble = trouble("dns-unreachable", true);
  let early = 0;
  clock.at(29_000, () => {
    early = dns.looks;
    dns.trouble = undefined;
  });
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect([early, dns.looks]).toEqual([0, 2]);
});

test("a former place is not left while its successor cannot be seen", async () => {
  const { membership, clock, balancer, dns, listen } = createWorld();
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  dns.trouble = trouble("dns-unreachable", true);
  let meanwhile: readonly string[] = [];
  clock.at(clock.monotonicMs() + 10_000, () => {
    meanwhile = balancer.calls.slice(1);
    dns.trouble = undefined;
  });
  await membership.want(wantIn({ targets: [target("api", 8080)], records: [record("api")] }));
  await membership.reconcile({ signal: never, listen });
  expect(meanwhile).toEqual(["register api/i-1-8080"]);
  expect(balancer.members()).toEqual(["api/i-1-8080"]);
});

test("what passes is tried again, saying what it waits for; what does not pass fails at once", async () => {
  const { membership, clock, dns, events, listen } = createWorld();
  dns.trouble = trouble("dns-unreachable", true);
  clock.at(5_000, () => {
    dns.trouble = undefined;
  });
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(5_000);
  expect(events).toContainEqual({
    type: "stage-progress",
    stage: "dns",
    text: "trying again: trouble: dns-unreachable",
    waiting: true,
  });

  dns.trouble = trouble("dns-refused", false);
  const before = clock.monotonicMs();
  await membership.want(wantIn({ ...home, records: [record("other")] }));
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({
    code: "dns-refused",
    stage: "dns",
  });
  expect(clock.monotonicMs() - before).toBeLessThan(1_000);
});

test("names that stay out of reach are put off: the instance is in service, and its tags say so", async () => {
  const { membership, clock, balancer, dns, tags, events, listen } = createWorld();
  dns.trouble = trouble("aws-throttled", true);
  await membership.want(wantIn());
  const failure = { code: "aws-throttled", stage: "dns", putOff: true };
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject(failure);
  const ends = story(events).filter((line) => !line.endsWith("started"));
  expect(ends).toEqual(["register changed", "dns failed", "tags changed"]);
  expect(balancer.members()).toEqual(["web/i-1-80"]);
  expect(tags.current()).toMatchObject({ "muster:state": "in-service" });
  expect(clock.monotonicMs()).toBeLessThan(20_000);
  expect(dns.looks).toBeLessThan(10);
  dns.trouble = undefined;
  await membership.reconcile({ signal: never, listen });
  expect(dns.records()).toHaveLength(1);
});

test.each([
  ["refused for good", trouble("aws-access-denied", false)],
  ["out of reach", trouble("aws-unreachable", true)],
])("state tags that are %s decide nothing: what users need is there, and stays", async (_words, reason) => {
  const { membership, balancer, dns, tags, listen } = createWorld();
  tags.trouble = reason;
  await membership.want(wantIn());
  for (let pass = 0; pass < 3; pass += 1) {
    const failure = { code: reason.code, stage: "tags", putOff: true };
    await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject(failure);
  }
  expect(balancer.calls).toEqual(["register web/i-1-80"]);
  expect(dns.records()).toHaveLength(1);
});

test("a role without a balancer waits for its name as long as an outage lasts, and fails where it is refused", async () => {
  const { membership, clock, dns, listen } = createWorld();
  dns.trouble = trouble("aws-throttled", true);
  clock.at(3_600_000, () => {
    dns.trouble = undefined;
  });
  await membership.want(wantIn({ targets: [], records: [record()] }));
  await membership.reconcile({ signal: never, listen });
  expect(dns.records()).toHaveLength(1);
  dns.trouble = trouble("dns-refused", false);
  await membership.want(wantIn({ targets: [], records: [record("other")] }));
  const failure = { code: "dns-refused", stage: "dns", putOff: false };
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject(failure);
});

test("a name that is waited for is asked more and more seldom, and a minute apart at most", async () => {
  const { membership, clock, dns, listen } = createWorld();
  dns.trouble = trouble("aws-throttled", true);
  let early = 0;
  clock.at(60_000, () => void (early = dns.looks));
  clock.at(3_600_000, () => void (dns.trouble = undefined));
  await membership.want(wantIn({ targets: [], records: [record()] }));
  await membership.reconcile({ signal: never, listen });
  expect(early).toBeGreaterThan(5);
  expect(dns.looks - early).toBeLessThan(150);
  expect(clock.monotonicMs()).toBeLessThan(3_600_000 + 2 * localPace.membership.patientMs);
});

test("a balancer that goes away after it took the target is waited for, and the deadline goes on when it is back", async () => {
  const { membership, clock, balancer, listen } = createWorld();
  balancer.passes = () => clock.monotonicMs() >= 3_700_000;
  clock.at(20_000, () => void (balancer.trouble = trouble("aws-unreachable", true)));
  clock.at(3_680_000, () => void (balancer.trouble = undefined));
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(balancer.calls).toEqual(["register web/i-1-80"]);
});

test("so is one that went away while it took the target: the request may have come through", async () => {
  const { membership, clock, balancer, listen } = createWorld();
  const register = balancer.register.bind(balancer);
  balancer.register = async (place, signal) => {
    await register(place, signal);
    balancer.trouble = trouble("aws-unreachable", true);
    throw balancer.trouble;
  };
  clock.at(600_000, () => void (balancer.trouble = undefined));
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(balancer.members()).toEqual(["web/i-1-80"]);
});

test("a refusal after an outage has its own time", async () => {
  const { membership, clock, balancer, listen } = createWorld();
  balancer.passes = () => false;
  clock.at(20_000, () => void (balancer.trouble = trouble("aws-unreachable", true)));
  clock.at(600_000, () => void (balancer.trouble = trouble("aws-access-denied", true)));
  clock.at(650_000, () => {
    balancer.trouble = undefined;
    balancer.passes = () => true;
  });
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  expect(balancer.members()).toEqual(["web/i-1-80"]);
});

test("former endpoints are kept until the names of the present ones are published", async () => {
  const { membership, balancer, dns, listen } = createWorld();
  await membership.want(wantIn());
  await membership.reconcile({ signal: never, listen });
  dns.trouble = trouble("dns-refused", false);
  await membership.want(wantIn({ targets: [target("api", 8080)], records: [record("api")] }));
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ putOff: true });
  expect(balancer.members().toSorted()).toEqual(["api/i-1-8080", "web/i-1-80"]);
  dns.trouble = undefined;
  await membership.reconcile({ signal: never, listen });
  expect(balancer.members()).toEqual(["api/i-1-8080"]);
});

test("a caller that comes back later has one try for each stage", async () => {
  const { membership, clock, dns, tags, listen } = createWorld();
  dns.trouble = trouble("dns-unreachable", true);
  tags.trouble = trouble("aws-unreachable", true);
  await membership.want(wantIn());
  const began = clock.monotonicMs();
  await expect(membership.reconcile({ signal: never, listen, failLimitMs: 0 })).rejects.toMatchObject({ stage: "dns" });
  expect(dns.looks).toBe(1);
  expect(clock.monotonicMs() - began).toBeLessThan(5_000);
});

test("a stage that keeps failing in passing is given up at its limit", async () => {
  const { membership, clock, balancer, listen } = createWorld();
  balancer.trouble = trouble("balancer-unreachable", true);
  await membership.want(wantIn());
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ code: "balancer-unreachable" });
  expect(clock.monotonicMs()).toBeGreaterThanOrEqual(60_000);
  expect(clock.monotonicMs()).toBeLessThan(80_000);
});

test("a balancer that takes the target and forgets it each time is asked with pauses, and not for ever", async () => {
  const { files, clock, balancer, dns, tags, listen } = createWorld();
  const forgetful: LoadBalancer = {
    ...balancer,
    async register(place, signal) {
      await balancer.register(place, signal);
      balancer.forgetAll();
    },
  };
  const membership = createMembership({
    files,
    clock,
    balancer: forgetful,
    dns,
    tags,
    tagPrefix: "muster:",
    pace: localPace,
  });
  await membership.want(wantIn());
  await expect(membership.reconcile({ signal: never, listen })).rejects.toMatchObject({ code: "membership-no-effect" });
  expect(clock.monotonicMs()).toBeLessThan(80_000);
  expect(balancer.calls.length).toBeLessThan(40);
});

test("an abort ends reconciling with its reason; done again, it goes on from where the world is", async () => {
  const world = createWorld();
  const stop = new AbortController();
  world.balancer.passes = () => world.clock.monotonicMs() >= 10_000;
  world.clock.at(1_000, () => stop.abort(new Error("the agent ends")));
  await world.membership.want(wantIn());
  const { listen } = world;
  await expect(world.membership.reconcile({ signal: stop.signal, listen })).rejects.toThrow("the agent ends");
  const again = createWorld(world);
  await again.membership.load(again.listen);
  await again.membership.reconcile({ signal: never, listen: again.listen });
  expect(world.balancer.calls).toEqual(["register web/i-1-80"]);
  expect(world.dns.records()).toHaveLength(1);
});
