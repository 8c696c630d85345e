// Somebody puts an instance into standby, to look at it in peace: it is out of everything until that ends.
import { expect, test } from "vitest";

import { publishedInRoute53, startAwsLoad, targetHealth } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { expectNoFailures } from "../../harness/load.ts";
import { muster, waitForState } from "../../harness/muster.ts";

const group = "web-group";

test("an instance in standby is out of everything, stays out over runs, and comes back by itself", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { drainSeconds: 20 } });
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [{ name: "gates" }], targetGroups: [targetGroup] });
  const [one, other] = await Promise.all([world.launch({ group }), world.launch({ group })]);
  const [web] = await Promise.all([world.boot(one), world.boot(other).then((it) => waitForState(it, "in-service"))]);
  await waitForState(web, "in-service");
  const load = startAwsLoad(world);

  aws.autoScaling.standby(one);
  await waitForState(web, "out-of-service");
  const [verdict, todo] = (await muster(web, "explain")).stdout.split("\n");
  expect(verdict).toMatch(/Not in service: somebody put this instance into standby$/);
  expect(todo).toMatch(/joins by itself as soon as it is wanted in service$/);
  expect(await targetHealth(world, one)).toBe("unused Target.NotRegistered");
  expect(publishedInRoute53(world)).toEqual([expect.stringContaining(other.id)]);

  const run = await muster(web, "run");
  expect(run.code, run.stderr).toBe(0);
  expect(publishedInRoute53(world)).toEqual([expect.stringContaining(other.id)]);

  aws.autoScaling.endStandby(one);
  await waitForState(web, "in-service");
  expect(publishedInRoute53(world)).toHaveLength(2);
  await serves(world, one.id);
  await expectNoFailures(load);
  expect(aws.autoScaling.troubles).toEqual([]);
});

test("an instance that boots in standby joins with the end of it", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { drainSeconds: 20 } });
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group });
  await expect.poll(() => aws.autoScaling.history(ec2).at(-1)).toBe("InService");
  aws.autoScaling.standby(ec2);
  // The attached target group drains first.
  await expect.poll(() => aws.autoScaling.history(ec2).at(-1), { timeout: 20_000 }).toBe("Standby");
  const web = await world.boot(ec2);
  await waitForState(web, "out-of-service");
  expect(publishedInRoute53(world)).toEqual([]);

  aws.autoScaling.endStandby(ec2);
  await waitForState(web, "in-service");
  await serves(world, ec2.id);
});

async function serves({ aws, targetGroup }: AwsWorld, id: string): Promise<void> {
  expect(await aws.targets.health(targetGroup, { id })).toBe("healthy");
}
