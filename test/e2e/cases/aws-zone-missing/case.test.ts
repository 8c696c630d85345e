import { expect, test } from "vitest";

import { publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";
import { zone } from "../../../lab/services/services.ts";

test("without a zone the instance serves and says so; its name is published as soon as there is one", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { zone: false });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);

  const { pending } = await waitForState(web, "in-service");
  expect(pending).toMatchObject({
    code: "dns-zone-missing",
    stage: "dns",
    text: "Route 53 has no zone example.internal in this account",
  });
  await explains(web, import.meta.dirname, {
    verdict:
      /^✔ In service, but its names are not published yet: Route 53 has no zone example\.internal in this account/,
    todo: /muster explain dns-zone-missing/,
  });

  await world.aws.createZone(zone);
  await muster(web, "run");
  expect((await status(web)).pending).toBeUndefined();
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. ${ec2.address}`]);
});
