// The same recommendation for two roles: one leaves, the other serves on and begins nothing new.
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { publishedInRoute53, startAwsLoad, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { expectNoFailures } from "../../harness/load.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";

test("a rebalance recommendation drains where the role says so, and elsewhere keeps serving", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const drains = await world.launch({ metadata: { market: "spot" } });
  const stays = await world.launch({ metadata: { market: "spot" }, tags: { "muster:role": "steadfast" } });
  const [drained, steady] = await Promise.all([world.boot(drains), world.boot(stays)]);
  await Promise.all([waitForState(drained, "in-service"), waitForState(steady, "in-service")]);
  const load = startAwsLoad(world);

  drains.metadata.rebalance = new Date();
  stays.metadata.rebalance = new Date();
  const out = await waitForState(drained, "out-of-service");
  expect(out.reason).toMatch(/^rebalance recommendation: this spot instance may soon be taken back/);
  expect(await targetHealth(world, drains)).toMatch(/^(draining|unused)/);
  expect(publishedInRoute53(world)).toEqual([expect.stringContaining(stays.id)]);

  const { run } = await status(steady);
  await sleep(65_000);
  const after = await status(steady);
  expect(after.state).toBe("in-service");
  expect(after.run?.id, "a minute and its schedule later").toBe(run?.id);
  expect((await muster(steady, "status")).stdout).toMatch(/rebalance/);

  drains.metadata.rebalance = undefined;
  await waitForState(drained, "in-service");
  await expectNoFailures(load);
});
