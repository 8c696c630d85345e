import { expect, test } from "vitest";

import { operations, targetHealth } from "../../harness/aws-outside.ts";
import { actionsOf, documentedPolicy, without } from "../../harness/aws-policy.ts";
import { createAwsWorld } from "../../harness/aws-world.ts";
import { muster, waitForState } from "../../harness/muster.ts";

/** What one instance of this case has no need of, and others have. */
const usedElsewhere = [
  // Target groups are found by name here, and not by tag.
  "elasticloadbalancing:DescribeTags",
  // For the sweep, and for muster tag query.
  "ec2:DescribeInstances",
  // aws-replace-me has this role, too.
  "autoscaling:SetInstanceHealth",
  // For being patched in service.
  "autoscaling:EnterStandby",
  "autoscaling:ExitStandby",
  // For a zone of another account.
  "sts:AssumeRole",
  // For a Classic Load Balancer.
  "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
  "elasticloadbalancing:DescribeInstanceHealth",
  "elasticloadbalancing:DescribeLoadBalancers",
  "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
];

/** Of other programs on the machine: a variable that names no proxy to curl, an endpoint that nobody listens on, and dead keys. */
const dead = "AWS_ACCESS_KEY_ID=AKIADEADDEADDEADDEAD AWS_SECRET_ACCESS_KEY=dead AWS_PROFILE=default";
const proxy = "http://127.0.0.1:9";
const proxies = `HTTP_PROXY=${proxy} NODE_USE_ENV_PROXY=1`;
const surroundings = {
  "/root/.aws/credentials": "[default]\naws_access_key_id = AKIADEADDEADDEADDEAD\naws_secret_access_key = dead\n",
  "/root/.aws/config": `[default]\nendpoint_url = ${proxy}\n`,
  "/etc/systemd/system.conf.d/site.conf": `[Manager]\nDefaultEnvironment=${proxies} ${dead}\n`,
};

test("the role of docs/aws.md is enough, whatever is in root's home and the environment, and nothing in it is there for nothing", async () => {
  await using world = await createAwsWorld(import.meta.dirname);
  const policy = await documentedPolicy(world);
  const { aws } = world;
  aws.autoScaling.createGroup({ name: "web", hooks: [{ name: "gates", heartbeatSeconds: 30 }] });
  const ec2 = await world.launch({ group: "web", metadata: { tags: false }, policies: [policy] });
  // The group is known from the target state alone, where tags are not shown.
  await aws.enforceIam();
  const web = await world.boot(ec2, { files: surroundings });
  await waitForState(web, "in-service");
  expect((await web.exec("systemctl show-environment")).stdout, "the manager has them").toContain("AKIADEAD");
  expect((await muster(web, "drain")).code).toBe(0);
  expect(await targetHealth(world, ec2)).toMatch(/^(draining|unused)/);

  const calls = aws.calls(ec2);
  expect(calls.filter(({ status }) => status === 403)).toEqual([]);
  const used = new Set(calls.map(({ operation }) => operation));
  expect([...new Set([...used, ...usedElsewhere])].toSorted()).toEqual(actionsOf(policy).toSorted());
});

test("a permission that the role lacks is named", async () => {
  const lacking = "route53:ChangeResourceRecordSets";
  await using world = await createAwsWorld(import.meta.dirname);
  const ec2 = await world.launch({ policies: [without(await documentedPolicy(world), lacking)] });
  await world.aws.enforceIam();
  const web = await world.boot(ec2);

  await web.waitFor(async () => (await muster(web, "status")).stdout.includes(`${lacking} is not allowed`), {
    what: "status names the permission",
    timeout: 60_000,
  });
  expect(operations(world.aws.calls(ec2)), "denied, and tried again").toContain(lacking);
});
