import { expect, test } from "vitest";

import { pageThroughTargetGroup, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { waitForState } from "../../harness/muster.ts";

test("a target group that is not there holds the instance until somebody makes it", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: false });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);

  const { error } = await waitForState(web, "held");
  expect(error).toMatchObject({
    code: "balancer-group-missing",
    message: "There is no target group web-dev in this account and region",
  });
  expect(publishedInRoute53(world), "no name without a balancer").toEqual([]);
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at register: There is no target group web-dev in this account and region/,
    todo: /Create it, or correct register\.targetGroup/,
  });

  await world.aws.createTargetGroup();
  await waitForState(web, "in-service");
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
});
