import { expect, test } from "vitest";

import { publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { waitForState } from "../../harness/muster.ts";
import { zone } from "../../../lab/services/services.ts";

test("a zone that Route 53 does not have holds the instance until somebody makes it", async () => {
  await using world = await createAwsWorld(import.meta.dirname, { zone: false });
  const ec2 = await world.launch();
  const web = await world.boot(ec2);

  const { error } = await waitForState(web, "held");
  expect(error).toMatchObject({
    code: "dns-zone-missing",
    message: "Route 53 has no zone example.internal in this account",
  });
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at dns: Route 53 has no zone example\.internal in this account/,
    todo: /./,
  });

  await world.aws.createZone(zone);
  await waitForState(web, "in-service");
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. ${ec2.address}`]);
});
