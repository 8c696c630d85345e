import { type ChangeAction, ChangeResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { expect, test } from "vitest";

import { region } from "../../../lab/aws-front/backstage.ts";
import { ownership, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { waitForState } from "../../harness/muster.ts";

test("a name that somebody else holds is not touched, and holds the instance", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch();
  await byHand(world, "CREATE", `web-${ec2.id}.example.internal`);
  const web = await world.boot(ec2);

  const { error } = await waitForState(web, "held");
  expect(error?.code).toBe("dns-name-owned");
  expect(error?.message).toContain(`web-${ec2.id}.example.internal is held by somebody that muster does not know`);
  await explains(web, import.meta.dirname, {
    verdict: /^✘ Not in service, held at dns: .*is held by somebody that muster does not know/,
    todo: /./,
  });
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. 10.9.9.9`]);
  expect(ownership(world)).toEqual([]);

  await byHand(world, "DELETE", `web-${ec2.id}.example.internal`);
  await waitForState(web, "in-service");
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. ${ec2.address}`]);
});

/** As somebody does it in the console. */
async function byHand({ aws, zoneId }: AwsWorld, Action: ChangeAction, Name: string): Promise<void> {
  const client = new Route53Client({ endpoint: aws.front.endpoint, region, credentials: aws.backstage.keys() });
  const Change = {
    Action,
    ResourceRecordSet: { Name, Type: "A" as const, TTL: 300, ResourceRecords: [{ Value: "10.9.9.9" }] },
  };
  await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: [Change] } }));
  client.destroy();
}
