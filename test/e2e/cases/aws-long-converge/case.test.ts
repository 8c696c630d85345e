// Twenty minutes of converging behind a launch hook of ten, at a sixtieth: the hook waits as long as it takes.
import { expect, test } from "vitest";

import { pageThroughTargetGroup } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { stage, waitForState } from "../../harness/muster.ts";

const group = "web-group";
const hook = { name: "gates", heartbeatSeconds: 10 } as const;

test("a converge that takes longer than the hook is kept alive by heartbeats", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, hooks: [hook], targetGroups: [targetGroup] });
  const ec2 = await world.launch({ group });
  const web = await world.boot(ec2);
  const report = await waitForState(web, "in-service");
  expect(stage(report, "converge").durationMs).toBeGreaterThan(2 * hook.heartbeatSeconds * 1_000);
  expect(aws.autoScaling.history(ec2)).toEqual(["Pending", "Pending:Wait", "Pending:Proceed", "InService"]);
  expect(await pageThroughTargetGroup(world)).toBe(`welcome from ${ec2.id}\n`);

  const beats = aws
    .calls(ec2)
    .filter(({ operation }) => operation === "autoscaling:RecordLifecycleActionHeartbeat")
    .map(({ at }) => at.getTime());
  const gaps = beats.slice(1).map((at, index) => at - (beats[index] ?? at));
  expect(beats.length).toBeGreaterThanOrEqual(4);
  expect(Math.max(...gaps), "each in time for the one before").toBeLessThan(hook.heartbeatSeconds * 1_000);
});
