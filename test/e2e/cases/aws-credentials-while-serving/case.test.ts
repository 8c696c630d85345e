// Credentials run out, and for a while the metadata service has no new ones.
import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import type { Instance } from "../../../lab/instance.ts";
import { pageThroughTargetGroup, publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { muster, stage, status, waitForStage, waitForState } from "../../harness/muster.ts";

test("in mid-run: the run waits for new ones and goes on where it was", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { ec2, web } = await atTheGate(world);
  await world.aws.expireCredentials(ec2);
  await web.exec("touch /run/gate-is-open");
  const { run } = await waitForStage(web, "register", ["waiting"]);
  await web.waitFor(async () => stage(await status(web), "register").text.includes("refused for its credentials"), {
    what: "the reason is shown",
    timeout: 20_000,
  });
  expect(await targetHealth(world, ec2)).toBe("unused Target.NotRegistered");

  ec2.metadata.credentials = "ok";
  const report = await waitForState(web, "in-service");
  expect(report.run?.id, "one run").toBe(run?.id);
});

test("while it serves: it serves on, and a leave is finished once there are new ones", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { ec2, web } = await atTheGate(world);
  await web.exec("touch /run/gate-is-open");
  await waitForState(web, "in-service");
  await world.aws.expireCredentials(ec2);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  expect((await status(web)).state).toBe("in-service");

  const drained = muster(web, "drain");
  await sleep(5_000);
  expect((await status(web)).state).toBe("leaving");
  ec2.metadata.credentials = "ok";
  expect((await drained).code).toBe(0);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);
  expect(publishedInRoute53(world)).toEqual([]);
});

/** An instance that has used its role's credentials for nothing yet but to look, and waits for its last check. */
async function atTheGate(world: AwsWorld): Promise<{ ec2: EmulatedInstance; web: Instance }> {
  const ec2 = await world.launch({ metadata: { tags: false } });
  const web = await world.boot(ec2);
  await waitForStage(web, "health", ["waiting"]);
  return { ec2, web };
}
