// AWS that answers a question about one thing with everything it has, as it does for an empty list.
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeAttached, describeHooks, describeInstance } from "../../../../src/adapters/aws/describe-group.ts";
import { createAwsBalancer } from "../../../../src/adapters/aws/balancers.ts";
import { nextOf } from "../../../../src/adapters/aws/route53-listing.ts";
import { createTargetGroups } from "../../../../src/adapters/aws/target-groups.ts";
import { createAutoScaling, createElbV2 } from "../../../../src/adapters/aws/services.ts";
import type { Target } from "../../../../src/domain/membership/membership.ts";
import { fields, members, startAws, type AwsServer } from "./aws-server.ts";

const { signal } = new AbortController();
const arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/other/0123456789abcdef";
const others: Readonly<Record<string, string>> = {
  DescribeAutoScalingInstances: `<AutoScalingInstances>${members([fields({ InstanceId: "i-9", AutoScalingGroupName: "other", LifecycleState: "InService" })])}</AutoScalingInstances>`,
  DescribeAutoScalingGroups: `<AutoScalingGroups>${members([`<AutoScalingGroupName>other</AutoScalingGroupName><TargetGroupARNs>${members([arn])}</TargetGroupARNs>`])}</AutoScalingGroups>`,
  DescribeTargetGroups: `<TargetGroups>${members([fields({ TargetGroupArn: arn, TargetGroupName: "other", TargetType: "instance" })])}</TargetGroups>`,
  DescribeInstanceHealth: `<InstanceStates>${members([fields({ InstanceId: "i-9", State: "InService" })])}</InstanceStates>`,
};

let aws: AwsServer;

beforeEach(async () => {
  aws = await startAws();
  aws.answer = (action) => others[action];
});

afterEach(() => aws.close());

test("the group and the state of another instance are not this instance's", async () => {
  const scaling = createAutoScaling(aws.deps);
  expect(await describeInstance(scaling, "i-1", signal)).toBeUndefined();
  expect(await describeInstance(scaling, "i-9", signal)).toMatchObject({ group: "other" });
  expect(await describeAttached(scaling, "web", signal)).toEqual([]);
  expect(await describeAttached(scaling, "other", signal)).toEqual([arn]);
});

test.each([
  [{}, 3_600, 172_800],
  [{ HeartbeatTimeout: "60" }, 60, 6_000],
  [{ HeartbeatTimeout: "0", GlobalTimeout: "0" }, 3_600, 172_800],
  [{ HeartbeatTimeout: "-1", GlobalTimeout: "-5" }, 3_600, 172_800],
  [{ HeartbeatTimeout: "60", GlobalTimeout: "0" }, 60, 6_000],
])("a hook with the time-outs %j beats at its pace, and never without a pause", async (timeouts, beats, ends) => {
  const hook = { LifecycleHookName: "boot", LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING", ...timeouts };
  aws.answer = () => `<LifecycleHooks>${members([fields(hook)])}</LifecycleHooks>`;
  const hooks = await describeHooks(createAutoScaling(aws.deps), "web", signal);
  expect(hooks).toMatchObject([{ name: "boot", heartbeatSeconds: beats, globalSeconds: ends }]);
});

test("another target group is not joined in the place of the one that was named", async () => {
  const elb = createElbV2(aws.deps);
  for (const name of ["web", ""])
    await expect(createTargetGroups(elb).find(name, signal)).rejects.toMatchObject({
      code: "balancer-group-missing",
    });
  expect(await createTargetGroups(elb).find("other", signal)).toMatchObject({ arn });
});

test("the health of other instances of a Classic Load Balancer is not this instance's", async () => {
  const times = { deadlineMs: 1_000, drainMs: 0 };
  const place = { group: "web", member: "i-1", address: "127.0.0.1", port: 80, ...times };
  const observe = (instance: string) =>
    createAwsBalancer(aws.deps).observe({ ...place, instance, balancer: "classic" } satisfies Target, signal);
  expect(await observe("i-1")).toEqual({ kind: "absent" });
  expect(await observe("i-9")).toEqual({ kind: "healthy" });
});

test("a listing of a zone that says it goes on and not where is no answer, and is not begun anew without end", () => {
  const page = { ResourceRecordSets: [], IsTruncated: true, MaxItems: 300 };
  expect(() => nextOf(page)).toThrow(expect.objectContaining({ code: "aws-unreachable" }));
  expect(nextOf({ ...page, NextRecordName: "web." })).toMatchObject({ StartRecordName: "web." });
});
