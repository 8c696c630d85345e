import { expect, test } from "vitest";

import { pageThroughTargetGroup, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { backend } from "../../harness/outside.ts";
import { waitForState, waitForUnits } from "../../harness/muster.ts";

test("after a reboot with AWS gone the instance serves as before, and users see nothing when AWS is back", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  // Its tags are in EC2 only, which is gone too.
  const ec2 = await world.launch({ metadata: { tags: false } });
  const web = await world.boot(ec2);
  const first = await waitForState(web, "in-service");
  await waitForUnits(web, { "muster-leave.service": "active" });

  const back = world.aws.front.faults.add({ kind: "reset" });
  await web.reboot();
  await waitForUnits(web, { "page.service": "active" });
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  const users = world.aws.balancer.watch("/", { host: backend });
  const held = await waitForState(web, "held", { timeout: 60_000 });
  expect(held.error?.code).toBe("aws-unreachable");
  expect(held).toMatchObject({ role: "web", commit: first.commit, run: { startType: "reboot" } });
  expect(await web.journal("muster.service")).toContain("tags-stale");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at register: /,
    todo: /tried again by itself/,
  });

  back();
  await waitForState(web, "in-service", { run: ({ id }) => id !== first.run?.id, timeout: 60_000 });
  await users.stop();
  expect(users.failures).toEqual([]);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. ${ec2.address}`]);
});
