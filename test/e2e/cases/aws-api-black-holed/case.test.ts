import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { expectNothingInAws, pageThroughTargetGroup, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { status, waitForStage, waitForState } from "../../harness/muster.ts";

test("a boot whose calls vanish waits, and comes into service when they are answered again", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch();
  const lift = world.aws.front.faults.add({ kind: "silence", sourceAddress: ec2.address });
  const web = await world.boot(ec2);

  const { run } = await waitForStage(web, "health", ["unchanged"]);
  // Longer than one attempt may take.
  await sleep(12_000);
  expect((await status(web)).state, "nothing is known to be wrong with the instance").toBe("starting");
  await explains(web, import.meta.dirname, {
    verdict: /^! Not in service yet: run 1 is at register: looking where the instance is/,
    todo: /Nothing yet/,
  });
  await expectNothingInAws(world, ec2);
  lift();
  const report = await waitForState(web, "in-service");
  expect(report.run?.startedAt).toBe(run?.startedAt);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  expect(publishedInRoute53(world)).toHaveLength(1);
});
