import { expect, test } from "vitest";

import { publishedInRoute53, stateTags, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { waitForState } from "../../harness/muster.ts";

test("an image of an instance that ran boots as an instance of its own", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const model = await world.launch();
  const web = await world.boot(model);
  const first = await waitForState(web, "in-service");
  const tagsOfModel = await stateTags(world, model);
  // As an image does: the disk as it is at this moment, in another EC2 instance.
  await web.exec("systemctl stop muster.service; sync");
  const clone = await world.launch({ host: world.aws.bootOptions(model).host, tags: { "muster:environment": "dev" } });
  await web.powerCut();

  const report = await waitForState(web, "in-service", { run: ({ startedAt }) => startedAt !== first.run?.startedAt });
  expect(report.run).toMatchObject({ cause: "boot", startType: "clone" });
  expect(report.instance).toMatchObject({ id: clone.id });
  expect(await targetHealth(world, clone)).toBe("healthy");
  expect(await stateTags(world, clone)).toMatchObject({ "muster:state": "in-service", "muster:run": report.run?.id });
  // What belongs to the model stays the model's: the clone adds its own and takes nothing away.
  expect(await targetHealth(world, model)).toBe("healthy");
  expect(await stateTags(world, model)).toEqual(tagsOfModel);
  expect(publishedInRoute53(world).toSorted()).toEqual(
    [model, clone].map(({ id, address }) => `A web-${id}.example.internal. ${address}`).toSorted(),
  );
});
