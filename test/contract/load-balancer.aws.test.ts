import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTargetGroupBalancer } from "../../src/adapters/aws/target-group-balancer.ts";
import type { Target } from "../../src/domain/membership/membership.ts";
import type { Front } from "../lab/aws-front/front.ts";
import { createTargetHealth, type TargetHealth } from "../lab/aws-front/target-health.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";
import { depsListing, describing, group, port, startAlone, startServices } from "./target-groups.aws.world.ts";

const signal = new AbortController().signal;
const instance = "i-0a1b2c3d4e5f60718";
/** One address a place: a target group knows its targets by nothing else. */
const addresses = Array.from({ length: 24 }, (_, index) => `127.66.55.${index + 10}`);

const six = group("web-six", "ip", "ipv6");
const sixInstances = group("web-six-instances", "instance", "ipv6");
const groups = [group("web-dev", "ip"), group("web-instances", "instance"), six, sixInstances];
/** What EC2 says of every instance. */
let state = "running";
const tagged = new Map([["web-instances", { key: "service", value: "web" }]]);
let services: Awaited<ReturnType<typeof startServices>>;
let front: Front;
let targets: TargetHealth;

beforeAll(async () => {
  services = await startServices(addresses);
  targets = createTargetHealth({
    groups: { find: async (arn) => groups.find((one) => one.arn === arn) },
    instances: { addressOf: () => addresses[0], stateOf: async () => state },
    alone: true,
  });
  front = await startAlone("127.66.55", [describing(groups, tagged), targets]);
});

afterAll(async () => {
  await front.stop();
  await services.stop();
});

const operations: string[] = [];
const deps = depsListing(operations);

const places = new Map<string, string>();

function target(member: string): Target {
  const address = places.get(member) ?? addresses[places.size] ?? "127.66.55.99";
  places.set(member, address);
  return { group: "web-dev", instance, member, address, port, deadlineMs: 10_000, drainMs: 1_000 };
}

const shared = createTargetGroupBalancer(deps);

loadBalancerSuite("target groups", () => ({
  balancer: shared,
  target,
  setHealthy: (place, healthy) => services.setHealthy(place, healthy),
  // In words, and with the code to look up.
  sickReason: () => "web-dev: the target group's health check gets 503 ",
  countsConnections: false,
  moved: "absent",
  openRequest: async () => undefined,
}));

describe("target groups", () => {
  test.each([
    ["its name", "web-instances"],
    ["its ARN", "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-instances/0123456789abcdef"],
    ["a tag", "tag:service=web"],
  ])("are found by %s, once", async (_what, wanted) => {
    const balancer = createTargetGroupBalancer(deps);
    const place = { ...target("found-80"), group: wanted };
    expect(await balancer.identify?.(place, signal)).toContain(":targetgroup/web-instances/");
    operations.length = 0;
    await balancer.register(place, signal);
    expect(operations).toEqual(["elasticloadbalancing:RegisterTargets"]);
    expect((await balancer.observe(place, signal)).kind).not.toBe("absent");
    await balancer.remove(place, signal);
  });

  test.each([
    ["an Application Load Balancer", undefined, { firstMs: 1_000, lastMs: 4_000 }],
    ["a Network Load Balancer", true, { firstMs: 2_000, lastMs: 184_000 }],
  ])("of %s say when a new target can be healthy", async (_what, network, expected) => {
    const paced = { ...group("web-paced", "ip"), ...(network === undefined ? {} : { network }) };
    groups.push({ ...paced, check: { ...paced.check, intervalMs: 1_000, passes: 3 } });
    const balancer = createTargetGroupBalancer(deps);
    const place = { ...target(`paced-${network}-80`), group: "web-paced" };
    expect(balancer.pace(place)).toBeUndefined();
    const kind = async () => (await balancer.observe(place, signal)).kind;
    expect(await kind()).toBe("absent");
    expect(balancer.pace(place)).toMatchObject(expected);
    await balancer.register(place, signal);
    const begun = performance.now();
    await expect.poll(kind, { timeout: 20_000 }).toBe("healthy");
    // Never before the arithmetic says so: what is registered is checked after two seconds.
    expect(performance.now() - begun).toBeGreaterThan(expected.firstMs);
    await balancer.remove(place, signal);
    groups.pop();
  });

  test("of one role are looked up with one request, and a missing one hides no other", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const place = target("several-80");
    const named = (name: string) => ({ ...place, group: name });
    const identify = async (...names: string[]) =>
      await Promise.allSettled(names.map((name) => balancer.identify(named(name), signal)));
    operations.length = 0;
    const found = await identify("web-dev", "web-instances", "web-dev");
    expect(found.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
    expect(operations).toEqual(["elasticloadbalancing:DescribeTargetGroups"]);
    const others = await identify("web-six-instances", "nowhere");
    expect(others.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    operations.length = 0;
    const tags = await identify("tag:service=web", "tag:service=api");
    expect(tags.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(operations).toEqual(["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTags"]);
  });

  test("that an Auto Scaling group is attached to are told by their ARNs, without a request", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const attached = [group("web-dev-2", "instance").arn, group("web-dev", "ip").arn];
    operations.length = 0;
    expect(await balancer.identify(target("attached-80"), signal, attached)).toBe(attached[1]);
    expect(await balancer.identify(target("attached-80"), signal, attached.slice(0, 1))).toBeUndefined();
    expect(await balancer.identify({ ...target("attached-80"), group: "nowhere" }, signal, attached)).toBeUndefined();
    expect(operations).toEqual([]);
  });

  test("whose balancer cannot tell are neither healthy nor unhealthy", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const place = target("unsure-80");
    const { arn } = group("web-dev", "ip");
    await balancer.register(place, signal);
    const kind = async () => (await balancer.observe(place, signal)).kind;
    await expect.poll(kind, { timeout: 20_000 }).toBe("healthy");
    targets.failInside(arn, true);
    try {
      expect(await balancer.observe(place, signal)).toEqual({
        kind: "starting",
        reason: expect.stringMatching(/^web-dev: the target cannot be checked .* \[Elb\.InternalError\]$/) as string,
      });
      const asking = { ...target("asking-80"), instance: "i-0a1b2c3d4e5f60719" };
      expect(await balancer.groupHealth(asking, signal)).toMatchObject({ healthyOthers: 0 });
    } finally {
      targets.failInside(arn, false);
    }
    expect(await kind()).toBe("healthy");
    await balancer.remove(place, signal);
  });

  test("take an instance that EC2 does not yet call running a little later", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const place = { ...target("pending-80"), group: "web-instances" };
    state = "pending";
    try {
      await expect(balancer.register(place, signal)).rejects.toMatchObject({ code: "aws-refused", transient: true });
    } finally {
      state = "running";
    }
    await balancer.register(place, signal);
    await balancer.remove(place, signal);
  });

  test("of IPv6 take the IPv6 address, or the instance where they take instances", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const four = { ...target("four-80"), group: six.name };
    const both = { ...four, ipv6: "2001:db8::7" };
    const alone = { ...four, address: "2001:db8::8" };
    for (const place of [both, alone]) await balancer.register(place, signal);
    for (const id of ["2001:db8::7", "2001:db8::8"])
      expect(await targets.health(six.arn, { id, port })).toMatch(/^initial/);
    await balancer.register({ ...four, group: sixInstances.name }, signal);
    expect(await targets.health(sixInstances.arn, { id: instance, port })).not.toMatch(/^unused/);
    for (const place of [both, alone, { ...four, group: sixInstances.name }]) await balancer.remove(place, signal);
  });

  test.each([
    ["web-instances", "vpc-0a1b2c3d", undefined],
    ["web-instances", "vpc-0e0e0e0e", "balancer-group-unusable"],
    // The metadata does not say.
    ["web-instances", undefined, undefined],
    // An address may be of another VPC.
    ["web-dev", "vpc-0e0e0e0e", undefined],
    ["none", "vpc-0a1b2c3d", "balancer-group-missing"],
  ])("a look at group %s from an instance in %s: %s", async (name, own, code) => {
    const balancer = createTargetGroupBalancer({ ...deps, vpc: async () => own });
    operations.length = 0;
    const look = balancer.check({ ...target("look-80"), group: name }, signal);
    if (code === undefined) await look;
    else await expect(look).rejects.toMatchObject({ code, transient: code === "balancer-group-missing" });
    expect(operations).toEqual(["elasticloadbalancing:DescribeTargetGroups"]);
  });

  test.each([
    ["IPv6", "web-six", "10.0.0.7"],
    ["IPv4", "web-dev", "2001:db8::7"],
  ])(
    "of %s refuse an instance without such an address before anything is registered",
    async (family, name, address) => {
      const balancer = createTargetGroupBalancer(deps);
      const place = { ...target("other-family-80"), group: name, address };
      operations.length = 0;
      const refused = { code: "instance-no-address", transient: false };
      for (const work of [balancer.identify, balancer.observe, balancer.register])
        await expect(work(place, signal)).rejects.toMatchObject(refused);
      await expect(balancer.identify(place, signal)).rejects.toThrow(
        `takes ${family} addresses, and instance ${instance} has none`,
      );
      expect(operations).toEqual(["elasticloadbalancing:DescribeTargetGroups"]);
    },
  );

  test("of addresses let a former address go, and of instances have none", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const place = target("moved-80");
    await balancer.register(place, signal);
    const former: Target = { ...place, balancer: "former-address", member: `${place.member}@${place.address}` };
    expect((await balancer.observe(former, signal)).kind).not.toBe("absent");
    await balancer.drain(former, signal);
    await balancer.remove(former, signal);
    expect(await balancer.observe(former, signal)).toEqual({ kind: "absent" });
    const instances = { ...place, group: "web-instances" };
    await balancer.register(instances, signal);
    expect(await balancer.observe({ ...former, group: "web-instances" }, signal)).toEqual({ kind: "absent" });
    expect(await balancer.observe({ ...former, group: six.name }, signal)).toEqual({ kind: "absent" });
    expect((await balancer.observe(instances, signal)).kind).not.toBe("absent");
    await balancer.remove(instances, signal);
  });

  test("that were deleted are found missing at once, and made anew they are found again", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const anew = group("anew", "instance");
    const place = { ...target("anew-80"), group: "anew" };
    groups.push(anew);
    await balancer.register(place, signal);
    groups.pop();
    await expect(balancer.observe(place, signal)).rejects.toMatchObject({ code: "balancer-group-missing" });
    groups.push(anew);
    await balancer.register(place, signal);
    groups.splice(-1, 1, { ...anew, arn: anew.arn.replace(/[^/]*$/, "fedcba9876543210") });
    expect(await balancer.observe(place, signal)).toEqual({ kind: "absent" });
    await balancer.register(place, signal);
    await balancer.remove(place, signal);
    groups.pop();
  });

  test("tell their members by instance, whom somebody else registered too, and by no address", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const own = { ...target("roster-80"), group: "web-instances" };
    const other = { ...own, instance: "i-0fedcba9876543210", member: "by hand", port: own.port + 1 };
    for (const place of [own, other]) await balancer.register(place, signal);
    const roster = await balancer.roster(own, signal);
    expect(
      roster.map((one) => [one.instance, one.port]).toSorted(([one], [two]) => (`${one}` < `${two}` ? -1 : 1)),
    ).toEqual([
      [own.instance, own.port],
      [other.instance, other.port],
    ]);
    for (const one of roster) await balancer.remove(one, signal);
    expect(await balancer.roster(own, signal)).toEqual([]);
    const known = target("known-by-address-80");
    await balancer.register(known, signal);
    expect(await balancer.roster(known, signal)).toEqual([]);
    await balancer.remove(known, signal);
  });

  test("a tag that nothing or more than one group has is said", async () => {
    const balancer = createTargetGroupBalancer(deps);
    const place = target("tagged-80");
    const missing = { code: "balancer-group-missing", transient: true };
    await expect(balancer.observe({ ...place, group: "tag:service=api" }, signal)).rejects.toMatchObject(missing);
    tagged.set("web-dev", { key: "service", value: "web" });
    const ambiguous = { code: "balancer-group-ambiguous", transient: false };
    await expect(balancer.observe({ ...place, group: "tag:service=web" }, signal)).rejects.toMatchObject(ambiguous);
    tagged.delete("web-dev");
  });
});
