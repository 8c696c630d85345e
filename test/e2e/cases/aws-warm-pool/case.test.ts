// An instance of a warm pool is made ready and joins nothing; taken out of the pool, it passes the gates and serves.
import { expect, test } from "vitest";

import type { EmulatedInstance } from "../../../lab/aws-front/fleet.ts";
import type { WarmState } from "../../../lab/aws-front/lifecycle.ts";
import { operations, pageThroughTargetGroup, targetHealth } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";
import type { Instance } from "../../../lab/instance.ts";

const group = "web-group";
const warming = ["Warmed:Pending", "Warmed:Pending:Wait", "Warmed:Pending:Proceed"];
const launching = ["Pending", "Pending:Wait", "Pending:Proceed", "InService"];

test("kept running: woken without a boot, the agent notices and brings it into service", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { ec2, web } = await warmUp(world, "Warmed:Running");
  world.aws.autoScaling.wake(ec2);
  const report = await waitForState(web, "in-service");
  expect(report.run).toMatchObject({ cause: "wake", startType: "wake" });
  expect(web.boots()).toBe(1);
  await serves(world, ec2, "Warmed:Running");
});

test("kept stopped: a reboot in the pool stays in it, the boot that wakes it brings it into service", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { ec2, web } = await warmUp(world, "Warmed:Stopped");
  await web.reboot();
  const again = await waitForState(web, "out-of-service");
  expect(again.run).toMatchObject({ cause: "boot", startType: "warm-pool" });
  await web.powerOff();
  world.aws.autoScaling.wake(ec2);
  await web.start();
  const report = await waitForState(web, "in-service");
  expect(report.run).toMatchObject({ cause: "boot", startType: "wake" });
  await serves(world, ec2, "Warmed:Stopped");
});

async function warmUp(world: AwsWorld, warm: WarmState): Promise<{ ec2: EmulatedInstance; web: Instance }> {
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [{ name: "gates" }], targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group, warm });
  const web = await world.boot(ec2);
  const report = await waitForState(web, "out-of-service");
  expect(report.run).toMatchObject({ startType: "warm-pool", end: "done" });
  expect(report.reason).toBe(`prepared for the warm pool of Auto Scaling group ${group}`);
  expect(aws.autoScaling.history(ec2)).toEqual([...warming, warm]);
  expect(await targetHealth(world, ec2)).toBe("unused Target.NotRegistered");
  expect(operations(aws.calls(ec2)).filter((operation) => /Register|ResourceRecordSets$/.test(operation))).toEqual([]);
  return { ec2, web };
}

async function serves(world: AwsWorld, ec2: EmulatedInstance, warm: WarmState): Promise<void> {
  expect(world.aws.autoScaling.history(ec2)).toEqual([...warming, warm, ...launching]);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);
  expect(world.aws.autoScaling.troubles).toEqual([]);
}
