import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { operations, pageThroughTargetGroup, targetHealth, writes } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForStage, waitForState } from "../../harness/muster.ts";

const group = "web-group";
/** Longer than between two looks at a group whose hook is about to wait; AWS itself takes no less than 30 s. */
const hook = { name: "gates", heartbeatSeconds: 10 } as const;
const launched = ["Pending", "Pending:Wait", "Pending:Proceed", "InService"];

test("a group's own target group gets the instance after the launch hook, which waits for the gates", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [hook], targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group });
  const web = await world.boot(ec2);
  await waitForStage(web, "health", ["waiting"]);
  // Longer than the hook waits for an instance that says nothing.
  await sleep(13_000);
  expect(aws.autoScaling.history(ec2), "heartbeats keep the hook waiting").toEqual(["Pending", "Pending:Wait"]);
  expect(await targetHealth(world, ec2)).toBe("unused Target.NotRegistered");

  await web.exec("touch /run/gate-is-open");
  await waitForState(web, "in-service");
  expect(aws.autoScaling.history(ec2)).toEqual(launched);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  expect(writes(operations(aws.calls(ec2))), "the group registers the instance").toEqual([
    // Rehearsed beside patching.
    "ec2:CreateTags",
    "autoscaling:CompleteLifecycleAction",
    "route53:ChangeResourceRecordSets",
    "ec2:CreateTags",
  ]);
  expect(aws.autoScaling.troubles).toEqual([]);
});

test("with another target group the hook is completed once the balancer says healthy", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [hook] });
  const ec2 = await world.launch({ group });
  const web = await world.boot(ec2);
  await waitForStage(web, "health", ["waiting"]);
  await web.exec("touch /run/gate-is-open");
  await waitForState(web, "in-service");

  expect(aws.autoScaling.history(ec2)).toEqual(launched);
  const calls = aws.calls(ec2).map(({ operation }) => operation);
  expect(writes(calls)).toEqual([
    "ec2:CreateTags",
    "elasticloadbalancing:RegisterTargets",
    "autoscaling:CompleteLifecycleAction",
    "route53:ChangeResourceRecordSets",
    "ec2:CreateTags",
  ]);
  const completed = calls.indexOf("autoscaling:CompleteLifecycleAction");
  expect(calls.slice(calls.indexOf("elasticloadbalancing:RegisterTargets"), completed)).toContain(
    "elasticloadbalancing:DescribeTargetHealth",
  );
});
