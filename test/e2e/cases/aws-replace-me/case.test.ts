// Once its launch hook was completed, ABANDON comes too late: an instance that never becomes healthy says so.
import { expect, test } from "vitest";

import { operations, publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { documentedPolicy } from "../../harness/aws-policy.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";

// As the documented policy names it.
const group = "web";
const launched = ["Pending", "Pending:Wait", "Pending:Proceed", "InService"];

test("an instance that the balancer never calls healthy is replaced, where the settings say so", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { healthPath: "/not-there" } });
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [{ name: "gates" }], targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group, policies: [await documentedPolicy(world)] });
  await aws.enforceIam();
  const web = await world.boot(ec2, { settings: { onFailure: "abandon" } });

  await expect.poll(() => aws.autoScaling.history(ec2).at(-1), { timeout: 90_000, interval: 200 }).toMatch(/^Terminat/);
  expect(aws.autoScaling.history(ec2).slice(0, 5)).toEqual([...launched, "Terminating"]);
  const said = operations(aws.calls(ec2)).filter((operation) => /Lifecycle|SetInstanceHealth/.test(operation));
  expect(said.filter((operation) => !/Describe|Heartbeat/.test(operation))).toEqual([
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:SetInstanceHealth",
  ]);
  expect(aws.calls(ec2).filter(({ status }) => status === 403)).toEqual([]);
  expect(await web.journal("muster.service")).toContain("replacement-asked");
  expect(publishedInRoute53(world)).toEqual([]);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);
});

test("otherwise it is held, and the group's own health checks decide", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { healthPath: "/not-there" } });
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [{ name: "gates" }], targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group });
  const web = await world.boot(ec2);
  await waitForState(web, "held");
  expect(aws.autoScaling.history(ec2)).toEqual(launched);
});
