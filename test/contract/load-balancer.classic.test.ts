import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAwsBalancer } from "../../src/adapters/aws/balancers.ts";
import type { Target } from "../../src/domain/membership/membership.ts";
import { success } from "../lab/aws-front/answers.ts";
import { asked } from "../lab/aws-front/classic-balancers.ts";
import type { Front } from "../lab/aws-front/front.ts";
import { forActions } from "../lab/aws-front/handler.ts";
import { createInstanceHealth } from "../lab/aws-front/instance-health.ts";
import type { TargetGroup } from "../lab/aws-front/target-groups.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";
import { depsListing, port, startAlone, startServices } from "./target-groups.aws.world.ts";

const signal = new AbortController().signal;
const addresses = Array.from({ length: 12 }, (_, index) => `127.66.56.${index + 10}`);
const idOf = (index: number) => `i-0a1b2c3d4e5f607${String(index).padStart(2, "0")}`;

/** Its check takes half a second to make up its mind. */
const balancer: TargetGroup = {
  arn: "web-dev",
  name: "web-dev",
  type: "instance",
  port,
  inUse: true,
  drainMs: 20_000,
  check: { ...asked(`HTTP:${port}/healthz`), intervalMs: 200, timeoutMs: 200, passes: 2, failures: 2 },
};

let services: Awaited<ReturnType<typeof startServices>>;
let front: Front;

beforeAll(async () => {
  services = await startServices(addresses);
  const health = createInstanceHealth({
    groups: { find: async (name) => (name === balancer.name ? balancer : undefined) },
    instances: { addressOf, stateOf: async (id) => (addressOf(id) === undefined ? undefined : "running") },
    alone: true,
  });
  const describing = forActions("balancers", "elasticloadbalancing", ["DescribeLoadBalancers"], async (request) =>
    success(
      request,
      `<LoadBalancerDescriptions><member><LoadBalancerName>web-dev</LoadBalancerName><HealthCheck><Target>HTTP:${port}/healthz</Target><Interval>10</Interval><Timeout>5</Timeout><HealthyThreshold>4</HealthyThreshold></HealthCheck></member></LoadBalancerDescriptions>`,
    ),
  );
  front = await startAlone("127.66.56", [describing, health]);
});

afterAll(async () => {
  await front.stop();
  await services.stop();
});

function addressOf(id: string): string | undefined {
  return addresses.find((_, index) => idOf(index) === id);
}

const operations: string[] = [];
const deps = depsListing(operations);

const places: string[] = [];

/** An instance a place: a Classic Load Balancer knows nothing else. */
function target(member: string): Target {
  if (!places.includes(member)) places.push(member);
  const index = places.indexOf(member);
  const address = addresses[index] ?? "127.66.56.99";
  const times = { deadlineMs: 10_000, drainMs: 1_000 };
  return { group: "web-dev", balancer: "classic", instance: idOf(index), member, address, port, ...times };
}

const shared = createAwsBalancer(deps);

loadBalancerSuite("Classic Load Balancer", () => ({
  balancer: shared,
  target,
  setHealthy: (place, healthy) => services.setHealthy(place, healthy),
  sickReason: () => `; the check is HTTP:${port}/healthz`,
  countsConnections: false,
  // It knows instances and no addresses.
  moved: undefined,
  openRequest: async () => undefined,
}));

describe("a Classic Load Balancer", () => {
  test("is asked once to join, and what it checks only when something is wrong", async () => {
    const place = target("frugal-80");
    operations.length = 0;
    await shared.register(place, signal);
    expect(operations).toEqual(["elasticloadbalancing:RegisterInstancesWithLoadBalancer"]);
    const fresh = createAwsBalancer(deps);
    expect(fresh.pace(place)).toBeUndefined();
    expect(await fresh.observe(place, signal)).toMatchObject({ kind: "starting" });
    expect(fresh.pace(place)).toMatchObject({ firstMs: 30_000, lastMs: 47_000 });
    await shared.remove(place, signal);
  });

  test("that has no such instance, because EC2 has none, has it nowhere", async () => {
    const place = { ...target("twice-80"), instance: "i-0ffffffffffffffff" };
    expect(await shared.observe(place, signal)).toEqual({ kind: "absent" });
    await shared.remove(place, signal);
  });
});
