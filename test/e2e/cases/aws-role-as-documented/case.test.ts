import { readFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { operations, targetHealth } from "../../harness/aws-outside.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

test("the role of docs/aws.md is enough, and nothing in it is there for nothing", async () => {
  const permissions = await documentedPermissions();
  await using world = await createAwsWorld(import.meta.dirname);
  const { aws } = world;
  aws.autoScaling.createGroup({ name: "web", hooks: [{ name: "gates", heartbeatSeconds: 4 }] });
  const ec2 = await world.launch({ group: "web", metadata: { tags: false }, permissions });
  // The group is known from the target state alone, where tags are not shown.
  await aws.moto.enforceIam();
  const web = await world.boot(ec2);
  await waitForState(web, "in-service");
  expect((await muster(web, "drain")).code).toBe(0);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);

  const calls = aws.calls(ec2);
  expect(calls.filter(({ status }) => status === 403)).toEqual([]);
  const used = new Set(calls.map(({ operation }) => operation));
  // Target groups are found by name here, and not by tag.
  const byTag = "elasticloadbalancing:DescribeTags";
  expect([...used, byTag].toSorted()).toEqual(permissions.toSorted());
});

test("a permission that the role lacks is named", async () => {
  const lacking = "route53:ChangeResourceRecordSets";
  const permissions = (await documentedPermissions()).filter((permission) => permission !== lacking);
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ permissions });
  await world.aws.moto.enforceIam();
  const web = await world.boot(ec2);

  await web.waitFor(async () => (await muster(web, "status")).stdout.includes(`${lacking} is not allowed`), {
    what: "status names the permission",
    timeout: 60_000,
  });
  expect(operations(world.aws.calls(ec2)), "denied, and tried again").toContain(lacking);
});

/** Every action of the policy that the page shows. */
async function documentedPermissions(): Promise<string[]> {
  const page = await readFile(new URL("../../../../docs/aws.md", import.meta.url), "utf8");
  const [, policy = ""] = /```json\n([^]*?)```/.exec(page) ?? [];
  const { Statement } = JSON.parse(policy) as { Statement: { Action: string | string[] }[] };
  return Statement.flatMap(({ Action }) => Action);
}
