// From an image to in service on EC2, and what that costs in calls.
import { expect, test } from "vitest";

import {
  operations,
  ownership,
  pageThroughTargetGroup,
  publishedInRoute53,
  stateTags,
  targetHealth,
} from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

test("an EC2 instance comes from its image into service by itself, with seven calls", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch();
  const web = await world.boot(ec2);
  const report = await waitForState(web, "in-service");

  // A user gets the page by way of the target group, and the instance is resolvable.
  expect(await targetHealth(world, ec2)).toBe("healthy");
  expect(await pageThroughTargetGroup(world)).toBe(`welcome to web in dev, served by ${ec2.id}\n`);
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. ${ec2.address}`]);
  const owner = `heritage=muster,account=${ec2.account},region=${ec2.region},instance=${ec2.id},type=A,value=${ec2.address}`;
  expect(ownership(world)).toEqual([`TXT _muster.web-${ec2.id}.example.internal. "${owner}"`]);
  expect(await stateTags(world, ec2)).toMatchObject({
    "muster:role": "web",
    "muster:state": "in-service",
    "muster:commit": await world.repo.head(),
    "muster:run": report.run?.id,
  });

  // The instance knows itself from its metadata alone.
  expect(report.instance).toMatchObject({ id: ec2.id, zone: "eu-west-1a" });
  expect(report.run).toMatchObject({ cause: "boot", startType: "first-boot" });

  expect(operations(world.aws.calls(ec2)).toSorted()).toEqual([
    // Rehearsed beside patching, then written.
    "ec2:CreateTags",
    "ec2:CreateTags",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:RegisterTargets",
    "route53:ChangeResourceRecordSets",
    "route53:ListHostedZonesByName",
    "route53:ListResourceRecordSets",
  ]);

  // A second run finds everything as it should be: nothing is registered or published anew.
  world.aws.front.forgetCalls();
  expect((await muster(web, "run")).code).toBe(0);
  const writes = operations(world.aws.calls(ec2)).filter((operation) => !/:(Describe|List)/.test(operation));
  expect(writes).toEqual([]);
});
