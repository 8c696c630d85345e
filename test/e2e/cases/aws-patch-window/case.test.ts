// Two instances of a group, and a reboot that is due: each stands aside for it, one after the other.
import { expect, test } from "vitest";

import type { Call } from "../../../lab/aws-front/front.ts";
import { publishedInRoute53, targetHealth } from "../../harness/aws-outside.ts";
import { documentedPolicy } from "../../harness/aws-policy.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";
import { backend } from "../../harness/outside.ts";

// As the documented policy names it.
const group = "web";
const isPatched = ({ cause }: { cause: string }) => cause === "patch";

test("one after the other is in standby, reboots, and comes back; the group replaces nobody", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const policies = [await documentedPolicy(world)];
  const { aws, targetGroup } = world;
  aws.autoScaling.createGroup({ name: group, targetGroups: [targetGroup], minSize: 1 });
  const ec2s = [await world.launch({ group, policies }), await world.launch({ group, policies })];
  await aws.enforceIam();
  const webs = await Promise.all(ec2s.map((ec2) => world.boot(ec2)));
  await Promise.all(webs.map((web) => waitForState(web, "in-service")));

  const users = aws.balancer.watch("/", { host: backend, everyMs: 50 });
  await Promise.all(webs.map((web) => web.exec("touch /run/reboot-required")));
  const reports = await Promise.all(
    webs.map((web) => waitForState(web, "in-service", { timeout: 420_000, run: isPatched })),
  );
  await users.stop();

  expect(users.failures, "requests that failed").toEqual([]);
  expect(users.ok).toBeGreaterThan(100);
  for (const [at, ec2] of ec2s.entries()) {
    expect(webs[at]?.boots()).toBe(2);
    expect(reports[at]?.rebootRequired.required).toBe(false);
    expect(await targetHealth(world, ec2)).toBe("healthy");
    const history = aws.autoScaling.history(ec2);
    expect(history.slice(history.indexOf("InService"))).toEqual([
      "InService",
      "EnteringStandby",
      "Standby",
      "Pending",
      "Pending:Proceed",
      "InService",
    ]);
    expect(aws.calls(ec2).filter(({ status }) => status === 403)).toEqual([]);
  }
  expect(standbys(ec2s.flatMap((ec2) => aws.calls(ec2)))).toEqual([
    "EnterStandby",
    "ExitStandby",
    "EnterStandby",
    "ExitStandby",
  ]);
  expect(publishedInRoute53(world).filter((record) => record.includes("_muster-slot"))).toEqual([]);
});

/** Of all instances, in the order of time. */
function standbys(calls: readonly Call[]): string[] {
  return calls
    .filter(({ operation }) => operation.endsWith("Standby"))
    .toSorted((one, other) => one.at.getTime() - other.at.getTime())
    .map(({ operation }) => operation.replace("autoscaling:", ""));
}
