// The group takes one of two instances away: its termination hook waits until the instance has left, and no longer.
import { expect, test } from "vitest";

import type { GroupOptions } from "../../../lab/aws-front/auto-scaling.ts";
import { publishedInRoute53, startAwsLoad, targetHealth } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { expectNoFailures } from "../../harness/load.ts";
import { waitForState } from "../../harness/muster.ts";

const group = "web-group";
const hooks: GroupOptions["hooks"] = [
  { name: "gates" },
  { name: "goodbye", transition: "terminating", heartbeatSeconds: 60, defaultResult: "CONTINUE" },
];

test("a target group of the instance's own: it drains before the hook is completed", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { drainSeconds: 20 } });
  await scalesIn(world, { name: group, hooks });
});

test("an attached target group: Auto Scaling drains it first, names and commands are the instance's part", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { targetGroup: { drainSeconds: 20 } });
  await scalesIn(world, { name: group, hooks, targetGroups: [world.targetGroup] });
});

async function scalesIn(world: AwsWorld, options: GroupOptions): Promise<void> {
  const { aws } = world;
  aws.autoScaling.createGroup(options);
  const [goes, stays] = await Promise.all([world.launch({ group }), world.launch({ group })]);
  const [web] = await Promise.all([world.boot(goes), world.boot(stays).then((it) => waitForState(it, "in-service"))]);
  await waitForState(web, "in-service");
  const load = startAwsLoad(world);
  const before = Date.now();

  aws.autoScaling.scaleIn(goes);
  await expect.poll(() => aws.autoScaling.history(goes).at(-1), { timeout: 80_000, interval: 50 }).toBe("Terminated");
  expect(Date.now() - before, "not by the hook's time-out").toBeLessThan(50_000);
  expect(aws.autoScaling.history(goes).slice(-4)).toEqual([
    "Terminating",
    "Terminating:Wait",
    "Terminating:Proceed",
    "Terminated",
  ]);
  expect(await targetHealth(world, goes)).toMatch(/^(draining|unused)/);
  expect(publishedInRoute53(world)).toEqual([expect.stringContaining(stays.id)]);
  expect((await web.readFile("/run/before-stop")).trim(), "run before the end").toBe(`welcome from ${goes.id}`);
  const completed = aws.calls(goes).filter(({ operation }) => operation === "autoscaling:CompleteLifecycleAction");
  expect(completed, "the launch, and the end").toHaveLength(2);
  await expectNoFailures(load);
  expect(aws.autoScaling.troubles).toEqual([]);
}
