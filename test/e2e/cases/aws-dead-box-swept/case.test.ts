// A box that dies without a goodbye, its replacement, and what becomes of what it left behind.
import { expect, test } from "vitest";

import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import { ownership, publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld, type AwsWorld } from "../../harness/aws-world.ts";
import { status, waitForState } from "../../harness/muster.ts";

/** Every instance sweeps at each full minute here. */
const withinTwoSweeps = { timeout: 130_000, interval: 1_000 };

test("its records and target are swept once it is terminated, not before, and nothing of the living", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const [lost, other] = [await world.launch(), await world.launch()];
  const webs = await Promise.all([lost, other].map((ec2) => world.boot(ec2)));
  await Promise.all(webs.map((web) => waitForState(web, "in-service")));
  await webs[0]?.close();
  const replacement = await world.launch();
  const taker = await world.boot(replacement);
  await waitForState(taker, "in-service");

  // Off is not gone: EC2 would say so.
  world.aws.front.forgetCalls();
  await expect.poll(() => sweeps(world, other), withinTwoSweeps).toBeGreaterThan(0);
  expect(recordsOf(world, lost)).toHaveLength(3);

  await world.aws.backstage.terminate(lost.id);
  await expect.poll(() => recordsOf(world, lost), withinTwoSweeps).toEqual([]);
  expect(ownership(world).filter((line) => line.includes(lost.id))).toEqual([]);
  await expect.poll(() => targetHealth(world, lost), withinTwoSweeps).toBe("unused Target.NotRegistered");
  for (const living of [other, replacement]) {
    expect(recordsOf(world, living)).toHaveLength(3);
    expect(await targetHealth(world, living)).toBe("healthy");
  }
  const notices = (
    await Promise.all([webs[1], taker].map(async (web) => (web ? (await status(web)).notices : [])))
  ).flat();
  expect(notices.map(({ text }) => text)).toContainEqual(
    expect.stringContaining(`${lost.id} is gone; what it left behind`),
  );
});

function recordsOf(world: AwsWorld, { address }: EmulatedInstance): readonly string[] {
  return publishedInRoute53(world).filter((line) => line.split(" ").slice(2).includes(address));
}

/** How often an instance has asked who lives. */
function sweeps({ aws }: AwsWorld, ec2: EmulatedInstance): number {
  return aws.calls(ec2).filter(({ operation }) => operation === "ec2:DescribeInstances").length;
}
