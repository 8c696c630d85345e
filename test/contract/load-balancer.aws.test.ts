import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AwsDeps } from "../../src/adapters/aws/call.ts";
import { createTargetGroupBalancer } from "../../src/adapters/aws/target-group-balancer.ts";
import type { Target } from "../../src/domain/membership.ts";
import { startFront, type Front } from "../lab/aws-front/front.ts";
import { createTargetHealth } from "../lab/aws-front/target-health.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";
import { describing, group, port } from "./target-groups.aws.world.ts";

const signal = new AbortController().signal;
const instance = "i-0a1b2c3d4e5f60718";
/** One address a place: a target group knows its targets by nothing else. */
const addresses = Array.from({ length: 12 }, (_, index) => `127.66.55.${index + 10}`);

const groups = [group("web-dev", "ip"), group("web-instances", "instance")];
const tagged = new Map([["web-instances", { key: "service", value: "web" }]]);
const sick = new Set<string>();
const servers: Server[] = [];
let front: Front;

beforeAll(async () => {
  for (const address of addresses) {
    const server = createServer((_request, answer) => void answer.writeHead(sick.has(address) ? 503 : 200).end());
    await new Promise<void>((resolve) => server.listen(port, address, resolve));
    servers.push(server);
  }
  const targets = createTargetHealth({
    groups: { find: async (arn) => groups.find((one) => one.arn === arn) },
    instances: { addressOf: () => addresses[0], stateOf: async () => "running" },
    alone: true,
  });
  const handlers = [describing(groups, tagged), targets];
  front = await startFront({ address: "127.66.55.1", port: 4566, upstream: "http://127.66.55.2:9", handlers });
  process.env["AWS_ENDPOINT_URL"] = front.endpoint;
  process.env["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE";
  process.env["AWS_SECRET_ACCESS_KEY"] = "secret";
});

afterAll(async () => {
  await front.stop();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const operations: string[] = [];
const deps: AwsDeps = {
  region: async () => "eu-west-1",
  onCall: ({ operation }) => operations.push(operation),
  monotonicMs: () => performance.now(),
};

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
  async setHealthy({ address }, healthy) {
    if (healthy) sick.delete(address);
    else sick.add(address);
  },
  // In words, and with the code to look up.
  sickReason: () => "answers the health check with a status that is not expected",
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
