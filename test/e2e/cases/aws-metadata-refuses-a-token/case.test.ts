import { expect, test } from "vitest";

import { expectNothingInAws, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { muster, waitForStage, waitForState } from "../../harness/muster.ts";

test("metadata that is switched off holds the instance at once, until it is switched on", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { token: "forbidden" } });
  const web = await world.boot(ec2);

  // At once: 403 is an answer, and no failure to answer that is tried again for minutes.
  const { error } = await waitForState(web, "held", { timeout: 15_000 });
  expect(error?.code).toBe("imds-disabled");
  const shown = await muster(web, "status");
  expect(shown.code).toBe(3);
  expect(shown.stdout).toContain("switched off for this instance");
  expect(shown.stdout).toContain("modify-instance-metadata-options");
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at identity: .*switched off for this instance/,
    todo: /modify-instance-metadata-options/,
  });
  await expectNothingInAws(world, ec2);

  ec2.metadata.token = "ok";
  await waitForState(web, "in-service");
  expect(await targetHealth(world, ec2)).toBe("healthy");
});

test("a host that is too busy for a token (503) is asked again until it answers", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { token: "busy" } });
  const web = await world.boot(ec2);

  const { run } = await waitForStage(web, "identity", ["waiting"]);
  expect(run?.stages.find(({ stage }) => stage === "identity")?.text).toContain("HTTP 503");
  ec2.metadata.token = "ok";
  const report = await waitForState(web, "in-service");
  expect(report.run?.startedAt).toBe(run?.startedAt);
});
