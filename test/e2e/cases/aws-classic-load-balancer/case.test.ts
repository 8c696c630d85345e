import { expect, test } from "vitest";

import { operations, pageThroughTargetGroup, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

test("an instance joins a Classic Load Balancer, is told why not, and leaves when its connections have drained", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: false });
  const { aws } = world;
  await aws.createClassicBalancer({ check: "HTTP:80/not-there", drainSeconds: 20 });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);

  const held = await waitForState(web, "held");
  expect(held.error?.message).toMatch(
    /web-dev: the instance (fails the health check|has not yet passed enough health checks in a row) \("Instance has .*\); the check is HTTP:80\/not-there$/,
  );
  expect(publishedInRoute53(world)).toEqual([]);

  await aws.setClassicCheck("HTTP:80/");
  await waitForState(web, "in-service");
  expect(await aws.classic.health("web-dev", ec2.id)).toBe("InService");
  expect(await pageThroughTargetGroup(world)).toContain(ec2.id);

  aws.front.forgetCalls();
  const begun = performance.now();
  expect((await muster(web, "drain")).code).toBe(0);
  // Twenty seconds of draining are two in this account.
  expect(performance.now() - begun).toBeGreaterThan(1_500);
  expect(await aws.classic.health("web-dev", ec2.id)).toMatch(/^OutOfService .*not currently registered/);
  expect(operations(aws.calls(ec2))).toContain("elasticloadbalancing:DeregisterInstancesFromLoadBalancer");

  expect((await muster(web, "join")).code).toBe(0);
  expect(await aws.classic.health("web-dev", ec2.id)).toBe("InService");
});
