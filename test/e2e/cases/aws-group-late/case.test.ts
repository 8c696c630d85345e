import { expect, test } from "vitest";

import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";

test("what AWS does not know yet of a new instance is asked again, and its own hook alone is completed", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws } = world;
  const hooks = [{ name: "muster-ready" }, { name: "backup", transition: "terminating" }] as const;
  aws.autoScaling.createGroup({ name: "web-group", hooks });
  const ec2 = await world.launch({ group: "web-group", metadata: { tags: false } });
  // The metadata never says so: the tags name the group.
  ec2.metadata.late = { target: 1_000, tags: 2, instance: 2, action: 2 };
  const web = await world.boot(ec2, {
    settings: { defaults: { role: "other" }, onFailure: "abandon", lifecycle: { hooks: ["muster*"] } },
  });
  await waitForState(web, "in-service");
  expect(aws.autoScaling.history(ec2)).toEqual(["Pending", "Pending:Wait", "Pending:Proceed", "InService"]);
  expect(ec2.metadata.late).toMatchObject({ tags: 0, instance: 0, action: 0 });
  expect(aws.autoScaling.troubles).toEqual([]);
});
