import { expect, test } from "vitest";

import { publishedInRoute53, stateTags, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { muster, stage, waitForState } from "../../harness/muster.ts";

test("in service is the balancer's word: its reason is shown beside what the local checks see", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { healthPath: "/not-there" } });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);

  const report = await waitForState(web, "held");
  expect(report.error?.code).toBe("balancer-not-healthy");
  expect(report.error?.message).toContain(
    "web-dev: the target group's health check gets 404 on /not-there (HTTP on the port of the target, expects 200) [Target.ResponseCodeMismatch]",
  );
  expect(stage(report, "health").state, "the instance's own checks pass").toBe("unchanged");
  expect((await muster(web, "status")).stdout).toContain("Target.ResponseCodeMismatch");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at register: .*health check gets 404 on \/not-there/,
    todo: /the balancer's own check/,
  });
  expect(publishedInRoute53(world), "no name before the balancer is content").toEqual([]);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);
  expect(await stateTags(world, ec2)).toMatchObject({ "muster:state": "held" });
});
