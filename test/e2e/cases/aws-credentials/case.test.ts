import { setTimeout as sleep } from "node:timers/promises";

import { expect, test } from "vitest";

import { targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { muster, stage, status, waitForStage, waitForState } from "../../harness/muster.ts";

test("credentials that are not there yet are waited for", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { credentials: "late" } });
  const web = await world.boot(ec2);

  const { run } = await waitForStage(web, "register", ["waiting"]);
  await web.waitFor(async () => stage(await status(web), "register").text.includes("has no credentials"), {
    what: "the reason is shown",
    timeout: 15_000,
  });
  await explains(
    web,
    import.meta.dirname,
    {
      verdict: /^! Not in service yet: run 1 is at register, which waits: .*has no credentials/,
      todo: /goes on by itself/,
    },
    "explain-late",
  );
  ec2.metadata.credentials = "ok";
  const report = await waitForState(web, "in-service");
  expect(report.run?.startedAt).toBe(run?.startedAt);
});

test("credentials that ran out are replaced as soon as there are new ones", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { credentials: "expired" } });
  const web = await world.boot(ec2);

  const { run } = await waitForStage(web, "register", ["waiting"]);
  await web.waitFor(async () => stage(await status(web), "register").text.includes("refused for its credentials"), {
    what: "the reason is shown",
    timeout: 15_000,
  });
  await explains(
    web,
    import.meta.dirname,
    {
      verdict: /^! Not in service yet: run 1 is at register, which waits: .*refused for its credentials/,
      todo: /goes on by itself/,
    },
    "explain-expired",
  );
  ec2.metadata.credentials = "ok";
  const report = await waitForState(web, "in-service");
  expect(report.run?.startedAt).toBe(run?.startedAt);
});

test("credentials that run out while the instance serves are renewed for the next call", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ metadata: { credentialSeconds: 8 } });
  const web = await world.boot(ec2);
  await waitForState(web, "in-service");
  await sleep(8_000);
  expect((await muster(web, "drain")).code).toBe(0);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);
  expect(world.aws.calls(ec2).map((call) => call.status)).not.toContain(403);
});
