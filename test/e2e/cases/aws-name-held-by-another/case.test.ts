import { type ChangeAction, ChangeResourceRecordSetsCommand, Route53Client } from "@aws-sdk/client-route-53";
import { expect, test } from "vitest";

import { region } from "../../../lab/aws-front/backstage.ts";
import { ownership, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { type AwsWorld, createAwsWorld } from "../../harness/aws-world.ts";
import { explains } from "../../harness/explains.ts";
import { muster, status, waitForState } from "../../harness/muster.ts";

test("a name that another owner holds is not touched, and the instance serves without it", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch();
  await byHand(world, "CREATE", `web-${ec2.id}.example.internal`);
  const web = await world.boot(ec2);

  const { pending } = await waitForState(web, "in-service");
  expect(pending).toMatchObject({ code: "dns-name-owned", stage: "dns" });
  expect(pending?.text).toContain(`web-${ec2.id}.example.internal is held by somebody that muster does not know`);
  await explains(web, import.meta.dirname, {
    verdict: /^✔ In service, but its names are not published yet: .*is held by somebody that muster does not know/,
    todo: /muster explain dns-name-owned/,
  });
  expect(publishedInRoute53(world)).toEqual([`A web-${ec2.id}.example.internal. 10.9.9.9`]);
  expect(ownership(world)).toEqual([]);

  await byHand(world, "DELETE", `web-${ec2.id}.example.internal`);
  await web.waitFor(
    async () => {
      await muster(web, "run");
      return (await status(web)).pending === undefined;
    },
    { what: "the name is published once it is free", timeout: 60_000 },
  );
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
