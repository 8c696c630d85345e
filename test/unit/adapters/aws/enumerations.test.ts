// Every value that the SDK documents for a field that is read: one that a newer SDK adds has no row, and fails here.
import { InstanceStateName } from "@aws-sdk/client-ec2";
import { TargetTypeEnum } from "@aws-sdk/client-elastic-load-balancing-v2";
import { ChangeStatus, RRType } from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEc2Fleet } from "../../../../src/adapters/aws/fleet.ts";
import { readSet } from "../../../../src/adapters/aws/route53-sets.ts";
import { createSpread } from "../../../../src/adapters/aws/route53-spread.ts";
import { describeInstance } from "../../../../src/adapters/aws/describe-group.ts";
import { createTargetGroupBalancer } from "../../../../src/adapters/aws/target-group-balancer.ts";
import { createAutoScaling, createElbV2, createRoute53Api } from "../../../../src/adapters/aws/services.ts";
import { createTargetGroups } from "../../../../src/adapters/aws/target-groups.ts";
import { fields, members, startAws, type AwsServer } from "./aws-server.ts";

const { signal } = new AbortController();
let aws: AwsServer;

beforeAll(async () => void (aws = await startAws()));
afterAll(() => aws.close());

function item(id: string, state: string): string {
  return `<item><instanceId>${id}</instanceId><instanceState><name>${state}</name></instanceState></item>`;
}

const lives: Readonly<Record<InstanceStateName, string>> = {
  pending: "there",
  running: "there",
  "shutting-down": "there",
  stopped: "there",
  stopping: "there",
  terminated: "terminated",
};

test.each([...Object.values(InstanceStateName), "", "Terminated", "never-heard"])(
  "an instance that is %j: only a terminated one is gone",
  async (name) => {
    aws.answer = () =>
      `<reservationSet><item><instancesSet>${item("i-1", "running")}${item("i-2", name)}</instancesSet></item></reservationSet>`;
    const fleet = createEc2Fleet({ ...aws.deps, instanceId: async () => "i-1" });
    const expected = new Map(Object.entries(lives)).get(name) ?? "there";
    expect((await fleet.observe(["i-2"], signal)).get("i-2")).toBe(expected);
  },
);

const joins: Readonly<Record<TargetTypeEnum, boolean>> = { alb: false, instance: true, ip: true, lambda: false };

test.each([...Object.values(TargetTypeEnum), "", "Instance", "never-heard"])(
  "a group of targets of type %j",
  async (type) => {
    const TargetGroupArn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
    aws.answer = () =>
      `<TargetGroups>${members([fields({ TargetGroupArn, TargetGroupName: "web", TargetType: type })])}</TargetGroups>`;
    const found = createTargetGroups(createElbV2(aws.deps)).find("web", signal);
    if (new Map(Object.entries(joins)).get(type) === true) expect(await found).toMatchObject({ type });
    else await expect(found).rejects.toMatchObject({ code: "balancer-group-unusable" });
  },
);

test.each([...Object.values(RRType), "NEVERHEARD"])("a record set of type %s is read as it is", (type) => {
  const stored = { Name: "web.example.test.", Type: type as RRType, TTL: 60, ResourceRecords: [{ Value: "0 x y" }] };
  expect(readSet(stored).set).toMatchObject({ name: "web.example.test", type, policy: "simple", ttl: 60 });
});

/** The routing policies: Route 53 API reference, "ResourceRecordSet". */
test.each([
  [{ Weight: 0 }, "weighted"],
  [{ MultiValueAnswer: true }, "multivalue"],
  [{ Failover: "PRIMARY" }, "other"],
  [{ Region: "eu-west-1" }, "other"],
  [{ GeoLocation: { CountryCode: "*" } }, "other"],
  [{ CidrRoutingConfig: { CollectionId: "c", LocationName: "*" } }, "other"],
  [{ GeoProximityLocation: { AWSRegion: "eu-west-1" } }, "other"],
] as const)("a record set with %j is %s", (fact, policy) => {
  const stored = { Name: "web.", Type: "A", SetIdentifier: "a", TTL: 60, ResourceRecords: [], ...fact } as const;
  expect(readSet({ ...stored, ResourceRecords: [] }).set.policy).toBe(policy);
});

const spreads: Readonly<Record<ChangeStatus, boolean>> = { INSYNC: false, PENDING: true };

test.each([...Object.values(ChangeStatus), "", "Insync", "NEVERHEARD"])(
  "a change that is %j: only INSYNC is at every server",
  async (status) => {
    const info = fields({ Id: "/change/C1", Status: status, SubmittedAt: "2026-01-01T00:00:00Z" });
    aws.answer = () => `<GetChangeResponse><ChangeInfo>${info}</ChangeInfo></GetChangeResponse>`;
    const spread = createSpread(aws.deps);
    spread.begin("C1", { zoneId: "Z1", api: createRoute53Api(aws.deps) }, ["web"]);
    const isUnderWay = new Map(Object.entries(spreads)).get(status) ?? true;
    expect((await spread.ofNames("Z1", ["web"], signal)).has("web")).toBe(isUnderWay);
  },
);

test.each(["InService", "Hovering"])("the group's state %s is said where AWS does not document it", async (state) => {
  const told: string[] = [];
  const found = fields({ InstanceId: "i-1", AutoScalingGroupName: "web", LifecycleState: state });
  aws.answer = () => `<AutoScalingInstances>${members([found])}</AutoScalingInstances>`;
  await describeInstance(createAutoScaling(aws.deps), "i-1", signal, (what, word) => told.push(`${what}: ${word}`));
  const expected = state === "Hovering" ? ["The state of this instance in Auto Scaling group web: Hovering"] : [];
  expect(told).toEqual(expected);
});

test.each(["healthy", "asleep"])("a target's state %s is said where AWS does not document it", async (state) => {
  const told: string[] = [];
  const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/0123456789abcdef";
  const group = fields({ TargetGroupArn: arn, TargetGroupName: "web", TargetType: "instance", Port: "80" });
  const health = `<Target>${fields({ Id: "i-1", Port: "80" })}</Target><TargetHealth>${fields({ State: state })}</TargetHealth>`;
  aws.answer = (action) =>
    action === "DescribeTargetGroups"
      ? `<TargetGroups>${members([group])}</TargetGroups>`
      : `<TargetHealthDescriptions>${members([health])}</TargetHealthDescriptions>`;
  const onUnknown = (...words: readonly string[]) => void told.push(words.join(" | "));
  const balancer = createTargetGroupBalancer({ ...aws.deps, onUnknown });
  const member = { instance: "i-1", member: "i-1-80", address: "10.0.0.1", port: 80 };
  const seen = await balancer.observe({ group: "web", ...member, deadlineMs: 1, drainMs: 1 }, signal);
  expect(seen.kind).toBe(state === "healthy" ? "healthy" : "unhealthy");
  expect(told).toEqual(state === "healthy" ? [] : ["The state of a target in web | asleep | not healthy"]);
});
