import { expect, test } from "vitest";

import { operations, pageThroughTargetGroup, stateTags } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";

test("where the metadata shows no tags, EC2 is asked for them, once a run", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { tags: false } });
  const web = await world.boot(ec2);

  expect(await waitForState(web, "in-service")).toMatchObject({ role: "web", environment: "dev" });
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  // With the dry run that asks whether tags may be written.
  expect(operations(world.aws.calls(ec2))).toHaveLength(8);
  expect(operations(world.aws.calls(ec2)).filter((operation) => operation === "ec2:DescribeTags")).toHaveLength(1);
  expect(await stateTags(world, ec2)).toMatchObject({ "muster:role": "web", "muster:state": "in-service" });
});
