// Names that the tags of an EC2 instance ask for, and what a change of them costs.
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";

import { operations, ownership, publishedInRoute53 } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { status, waitForState } from "../../harness/muster.ts";

const settings = {
  tags: { trust: ["role", "environment", "ref", "dns"] },
  dns: { zones: [{ zone: "example.internal", names: ["web-*"], ttl: 1 }] },
};

/** An instance looks at its tags twice a minute. */
const withinAMinute = { timeout: 60_000, every: 500 };

test("a tag that changes changes the record within a minute: one batch, no run", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ tags: { "muster:dns": "web-7.example.internal evil.example.com" } });
  const web = await world.boot(ec2, { settings });
  const { run, notices } = await waitForState(web, "in-service");
  const own = `A web-${ec2.id}.example.internal. ${ec2.address}`;
  expect(publishedInRoute53(world).toSorted()).toEqual([`A web-7.example.internal. ${ec2.address}`, own].toSorted());
  expect(notices.map(({ text }) => text)).toContainEqual(expect.stringContaining("evil.example.com"));

  // Tags that stay as they are cost no call, and nothing that is as it should be does.
  world.aws.front.forgetCalls();
  await sleep(40_000);
  expect(operations(world.aws.calls(ec2))).toEqual([]);
  expect(world.aws.metadata.requests(ec2).some(({ request }) => request.endsWith("tags/instance/muster:dns"))).toBe(
    true,
  );

  await world.aws.backstage.tag(ec2.id, { "muster:dns": "web-8.example.internal" });
  await web.waitFor(() => publishedInRoute53(world).some((line) => line.includes("web-8")), {
    what: "the new name",
    ...withinAMinute,
  });
  expect(publishedInRoute53(world).toSorted()).toEqual([`A web-8.example.internal. ${ec2.address}`, own].toSorted());
  expect(ownership(world)).toHaveLength(2);
  expect(operations(world.aws.calls(ec2)).filter((operation) => !/:(Describe|List|Get)/.test(operation))).toEqual([
    "route53:ChangeResourceRecordSets",
  ]);
  expect((await status(web)).run?.id).toBe(run?.id);
});
