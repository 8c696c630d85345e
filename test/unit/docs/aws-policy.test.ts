// The policies that docs/aws.md and docs/tags.md give an instance, put to IAM's rules (test/lab/aws-front/iam-policy.ts)
// with requests as the SDK sends them. Every statement, action, resource, condition and value in them has to change the
// answer to one of these requests: what changes none is not proven, or is there for nothing.
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import * as scaling from "@aws-sdk/client-auto-scaling";
import * as ec2 from "@aws-sdk/client-ec2";
import * as classic from "@aws-sdk/client-elastic-load-balancing";
import * as elb from "@aws-sdk/client-elastic-load-balancing-v2";
import * as route53 from "@aws-sdk/client-route-53";
import * as sts from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { policyOfPage } from "../../e2e/harness/aws-policy.ts";
import { success } from "../../lab/aws-front/answers.ts";
import { type Front, startFront } from "../../lab/aws-front/front.ts";
import type { AwsRequest, Handler } from "../../lab/aws-front/handler.ts";
import { isAllowed, type Policy, type Statement } from "../../lab/aws-front/iam-policy.ts";
import { askedOf, type Holder } from "../../lab/aws-front/iam-request.ts";
import { variants } from "./policy-variants.ts";

const [region, account] = ["eu-west-1", "111122223333"];
const me = "i-0a1b2c3d4e5f60718";
const other = "i-0ffffffffffffffff";
const holder: Holder = {
  instance: { id: me, account, region },
  groupOf: (id) => (id === me ? "web" : "db"),
};
const group = (name: string) =>
  `arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${name}/0123456789abcdef`;
const zone = "Z0123456789ABCDEFGHIJ";

let front: Front;
let seen: AwsRequest | undefined;

beforeAll(async () => {
  const keeping: Handler = {
    name: "keeps the request",
    match: () => true,
    handle: (request) => {
      seen = request;
      return Promise.resolve(success(request));
    },
  };
  front = await startFront({
    address: "127.66.61.1",
    port: 4566,
    upstream: "http://127.66.61.2:9",
    handlers: [keeping],
  });
});

afterAll(() => front.stop());

type Send = (options: {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
}) => Promise<unknown>;

/** The request as it goes over the wire; what is answered does not count. */
async function requestOf(send: Send): Promise<AwsRequest> {
  seen = undefined;
  const credentials = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret" };
  await send({ endpoint: front.endpoint, region, credentials, maxAttempts: 1 }).catch(() => undefined);
  if (seen === undefined) throw new Error("no request was sent");
  return seen;
}

const tags = (Resources: string[], keys: readonly string[]): Send => {
  const Tags = keys.map((Key) => ({ Key, Value: "x" }));
  return (options) => new ec2.EC2Client(options).send(new ec2.CreateTagsCommand({ Resources, Tags }));
};
const untag = (Resources: string[], keys: readonly string[] | undefined): Send => {
  const Tags = keys?.map((Key) => ({ Key }));
  return (options) => new ec2.EC2Client(options).send(new ec2.DeleteTagsCommand({ Resources, Tags }));
};
const target = (TargetGroupArn: string) => ({ TargetGroupArn, Targets: [{ Id: me, Port: 80 }] });
const register =
  (arn: string): Send =>
  (options) =>
    new elb.ElasticLoadBalancingV2Client(options).send(new elb.RegisterTargetsCommand(target(arn)));
const deregister =
  (arn: string): Send =>
  (options) =>
    new elb.ElasticLoadBalancingV2Client(options).send(new elb.DeregisterTargetsCommand(target(arn)));
const inBalancer = (LoadBalancerName: string) => ({ LoadBalancerName, Instances: [{ InstanceId: me }] });
const join =
  (name: string): Send =>
  (options) =>
    new classic.ElasticLoadBalancingClient(options).send(
      new classic.RegisterInstancesWithLoadBalancerCommand(inBalancer(name)),
    );
const leave =
  (name: string): Send =>
  (options) =>
    new classic.ElasticLoadBalancingClient(options).send(
      new classic.DeregisterInstancesFromLoadBalancerCommand(inBalancer(name)),
    );
const records = (names: readonly string[], HostedZoneId = zone): Send => {
  const Changes = names.map((Name) => ({
    Action: "CREATE" as const,
    ResourceRecordSet: { Name, Type: "A" as const, TTL: 30, ResourceRecords: [{ Value: "10.0.0.1" }] },
  }));
  return (options) =>
    new route53.Route53Client(options).send(
      new route53.ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }),
    );
};
const listing =
  (HostedZoneId: string): Send =>
  (options) =>
    new route53.Route53Client(options).send(new route53.ListResourceRecordSetsCommand({ HostedZoneId }));
const assume =
  (RoleArn: string): Send =>
  (options) =>
    new sts.STSClient(options).send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: `muster-${me}` }));
const inGroup = (AutoScalingGroupName: string) => ({
  AutoScalingGroupName,
  InstanceId: me,
  LifecycleHookName: "gates",
});
const onGroup = (name: string): readonly Send[] => [
  (options) => new AutoScalingClient(options).send(new scaling.RecordLifecycleActionHeartbeatCommand(inGroup(name))),
  (options) =>
    new AutoScalingClient(options).send(
      new scaling.CompleteLifecycleActionCommand({ ...inGroup(name), LifecycleActionResult: "CONTINUE" }),
    ),
  (options) =>
    new AutoScalingClient(options).send(
      new scaling.EnterStandbyCommand({ AutoScalingGroupName: name, ShouldDecrementDesiredCapacity: true }),
    ),
  (options) => new AutoScalingClient(options).send(new scaling.ExitStandbyCommand({ AutoScalingGroupName: name })),
];
const unhealthy =
  (InstanceId: string): Send =>
  (options) =>
    new AutoScalingClient(options).send(
      new scaling.SetInstanceHealthCommand({ InstanceId, HealthStatus: "Unhealthy" }),
    );

const looks: readonly Send[] = [
  (options) => new ec2.EC2Client(options).send(new ec2.DescribeInstancesCommand({})),
  (options) => new ec2.EC2Client(options).send(new ec2.DescribeTagsCommand({})),
  (options) => new elb.ElasticLoadBalancingV2Client(options).send(new elb.DescribeTargetGroupsCommand({})),
  (options) => new elb.ElasticLoadBalancingV2Client(options).send(new elb.DescribeTagsCommand({ ResourceArns: [] })),
  (options) =>
    new elb.ElasticLoadBalancingV2Client(options).send(
      new elb.DescribeTargetHealthCommand({ TargetGroupArn: group("web-dev") }),
    ),
  (options) =>
    new classic.ElasticLoadBalancingClient(options).send(
      new classic.DescribeInstanceHealthCommand({ LoadBalancerName: "web" }),
    ),
  (options) => new classic.ElasticLoadBalancingClient(options).send(new classic.DescribeLoadBalancersCommand({})),
  (options) => new route53.Route53Client(options).send(new route53.ListHostedZonesByNameCommand({})),
  (options) => new AutoScalingClient(options).send(new scaling.DescribeAutoScalingInstancesCommand({})),
  (options) => new AutoScalingClient(options).send(new scaling.DescribeAutoScalingGroupsCommand({})),
  (options) =>
    new AutoScalingClient(options).send(new scaling.DescribeLifecycleHooksCommand({ AutoScalingGroupName: "web" })),
];
const ownKeys = ["state", "reason", "commit", "run", "patched", "paused"].map((name) => `muster:${name}`);
const change =
  (Id: string): Send =>
  (options) =>
    new route53.Route53Client(options).send(new route53.GetChangeCommand({ Id }));

type Row = readonly [what: string, allowed: boolean, send: Send];

const instance: readonly Row[] = [
  ...looks.map((send, at): Row => [`look ${at}`, true, send]),
  ["registers in a group of its role", true, register(group("web-dev"))],
  ["registers in a group of another role", false, register(group("db-dev"))],
  ["deregisters from a group of its role", true, deregister(group("web-dev"))],
  ["deregisters from a group of another role", false, deregister(group("db-dev"))],
  ["joins a balancer of its role", true, join("web-dev")],
  ["joins a balancer of another role", false, join("db-dev")],
  ["leaves a balancer of its role", true, leave("web-dev")],
  ["leaves a balancer of another role", false, leave("db-dev")],
  ["lists its zone", true, listing(zone)],
  ["lists another zone", false, listing("ZANOTHER")],
  ["publishes its name", true, records(["web-1.example.internal"])],
  ["claims its name", true, records(["_muster.web-1.example.internal"])],
  ["claims a name that many share", true, records(["_muster-2.web-1.example.internal"])],
  ["takes a slot", true, records(["_muster-slot-1.web-dev.example.internal"])],
  ["takes the slot of the sweep", true, records(["_muster-slot-1._muster-sweep.example.internal"])],
  ["publishes its name written in another way", true, records([String.raw`WEB-1.\145xample.internal.`])],
  ["publishes the name of another role", false, records(["db-1.example.internal"])],
  [
    "publishes two names of which one is another role's",
    false,
    records(["web-1.example.internal", "example.internal"]),
  ],
  ["publishes its name in another zone", false, records(["web-1.example.internal"], "ZANOTHER")],
  ["sends a batch without a name", false, records([])],
  ["assumes the role of its zone's account", true, assume("arn:aws:iam::444455556666:role/dns-writer")],
  ["assumes another role", false, assume("arn:aws:iam::444455556666:role/admin")],
  ["asks about a change", true, change("C123")],
  ...ownKeys.map((key): Row => [`writes ${key}`, true, tags([me], [key])]),
  ["writes all of its state in one call", true, tags([me], ownKeys)],
  ["writes what steers it", false, tags([me], ["muster:role"])],
  ["writes what steers it beside its state", false, tags([me], ["muster:state", "muster:role"])],
  ["writes the state of another instance", false, tags([other], ["muster:state"])],
  ["writes its state and that of another", false, tags([me, other], ["muster:state"])],
  ["writes a tag of a volume", false, tags(["vol-0a1b2c3d4e5f60718"], ["muster:state"])],
  ["sends no tag to write", false, tags([me], [])],
  ["deletes a tag", false, untag([me], ["muster:state"])],
  ["deletes every tag", false, untag([me], undefined)],
  ...onGroup("web").map((send, at): Row => [`acts on its group ${at}`, true, send]),
  ...onGroup("db").map((send, at): Row => [`acts on another group ${at}`, false, send]),
  ["says that it is unhealthy", true, unhealthy(me)],
  ["says that an instance of another group is unhealthy", false, unhealthy(other)],
];

const byHand: readonly Row[] = [
  ["lists tags", true, (options) => new ec2.EC2Client(options).send(new ec2.DescribeTagsCommand({}))],
  ["finds by tag", true, (options) => new ec2.EC2Client(options).send(new ec2.DescribeInstancesCommand({}))],
  ["adds a tag", true, tags([me], ["app:tier"])],
  ["removes a tag", true, untag([me], ["app:tier"])],
  ["adds what steers it", false, tags([me], ["app:tier", "muster:role"])],
  ["removes what steers it", false, untag([me], ["muster:role"])],
  ["adds a tag of another instance", false, tags([other], ["app:tier"])],
  ["removes a tag of another instance", false, untag([other], ["app:tier"])],
  ["adds a tag of a volume", false, tags(["vol-0a1b2c3d4e5f60718"], ["app:tier"])],
  ["deletes every tag", false, untag([me], undefined)],
  ["deletes every tag with an empty list", false, untag([me], [])],
];

function answers(policy: Policy, requests: readonly AwsRequest[]): readonly boolean[] {
  return requests.map((request) => askedOf(request, holder).every((asked) => isAllowed([policy], asked)));
}

test.each([
  ["aws.md", instance],
  ["tags.md", byHand],
] as const)("the policy of docs/%s allows what it says and nothing else, and all of it counts", async (page, rows) => {
  const policy = await policyOfPage(page);
  const requests: AwsRequest[] = [];
  for (const [, , send] of rows) requests.push(await requestOf(send));
  const said = answers(policy, requests);
  expect(rows.map(([what], at) => [what, said[at]])).toEqual(rows.map(([what, allowed]) => [what, allowed]));

  const idle = [...variants(policy)].filter(([, variant]) =>
    answers(variant, requests).every((one, at) => one === said[at]),
  );
  expect(idle.map(([part]) => part)).toEqual([]);
});

test("a policy without the Null condition would let every tag be deleted, as IAM does", async () => {
  const policy = await policyOfPage("tags.md");
  const [find, byName] = policy.Statement;
  const { Null: _, ...Condition } = byName?.Condition ?? {};
  const old: Policy = { ...policy, Statement: [find, { ...byName, Condition }] as Statement[] };
  const request = await requestOf(untag([me], undefined));
  expect(answers(old, [request])).toEqual([true]);
  expect(answers(policy, [request])).toEqual([false]);
});
