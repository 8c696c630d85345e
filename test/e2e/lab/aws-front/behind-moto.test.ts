// What the front keeps for itself, and what it takes from moto: zones and target groups are moto's.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  CreateHostedZoneCommand,
  DeleteHostedZoneCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Backstage, createBackstage } from "../../../lab/aws-front/backstage.ts";
import { type Front, startFront } from "../../../lab/aws-front/front.ts";
import { createRoute53 } from "../../../lab/aws-front/route53.ts";
import { groupsOfMoto } from "../../../lab/aws-front/target-groups.ts";
import { createTargetHealth, type TargetHealth } from "../../../lab/aws-front/target-health.ts";
import { type Moto, startMoto } from "../../../lab/prepare/moto.ts";
import { listen, type Listener } from "../../../lab/services/network.ts";
import { waitFor } from "../../../lab/wait.ts";
import { create, remove } from "./route53-changes.ts";

const address = "127.66.6.6";
const webAddress = "127.66.6.11";
let work: string;
let moto: Moto;
let backstage: Backstage;
let front: Front;
let targets: TargetHealth;
let web: Listener;
let options: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-aws-"));
  moto = await startMoto({ address, port: 5000, dir: work });
  await moto.reset();
  backstage = createBackstage(moto.endpoint);
  await backstage.prepare();
  targets = createTargetHealth({
    groups: groupsOfMoto(backstage),
    instances: { addressOf: () => webAddress, stateOf: (id) => backstage.stateOf(id) },
    scale: 0.01,
  });
  const handlers = [createRoute53(), targets];
  front = await startFront({ address, port: 4566, upstream: moto.endpoint, handlers });
  options = { endpoint: front.endpoint, region: "eu-west-1", credentials: backstage.keys() };
  web = await listen(
    createServer((_request, response) => void response.end()),
    webAddress,
    80,
  );
});

afterAll(async () => {
  await front?.stop();
  await web?.close();
  await moto?.stop();
  await rm(work, { recursive: true, force: true });
});

test("zones are made in moto, and their records are kept in front of it", async () => {
  const sdk = new Route53Client({ ...options, maxAttempts: 1 });
  const { HostedZone } = await sdk.send(new CreateHostedZoneCommand({ Name: "example.com", CallerReference: "one" }));
  const Id = HostedZone?.Id?.replace("/hostedzone/", "") ?? "";
  const { HostedZones } = await sdk.send(new ListHostedZonesByNameCommand({ DNSName: "example.com" }));
  expect(HostedZones).toMatchObject([{ Name: "example.com.", Config: { PrivateZone: false } }]);
  const batch = (...Changes: Change[]) =>
    new ChangeResourceRecordSetsCommand({ HostedZoneId: Id, ChangeBatch: { Changes } });
  await sdk.send(batch(create("A www 10.0.0.1")));
  await expect(sdk.send(batch(create("A www 10.0.0.2")))).rejects.toMatchObject({ name: "InvalidChangeBatch" });
  const { ResourceRecordSets } = await sdk.send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
  expect(ResourceRecordSets?.map(({ Type }) => Type)).toEqual(["NS", "SOA", "A"]);
  await sdk.send(batch(remove("A www 10.0.0.1")));
  await sdk.send(new DeleteHostedZoneCommand({ Id }));
  await expect(sdk.send(batch(create("A www 10.0.0.3")))).rejects.toMatchObject({ name: "NoSuchHostedZone" });
  sdk.destroy();
});

test("a target group is made in moto, and checked as moto says, once a listener uses it", async () => {
  const elb = new ElasticLoadBalancingV2Client({ ...options, maxAttempts: 1 });
  const { VpcId, Subnets } = await network();
  const made = await elb.send(
    new CreateTargetGroupCommand({
      Name: "web-dev",
      Protocol: "HTTP",
      Port: 80,
      VpcId,
      HealthCheckIntervalSeconds: 10,
    }),
  );
  const TargetGroupArn = made.TargetGroups?.[0]?.TargetGroupArn ?? "";
  const Attributes = [{ Key: "deregistration_delay.timeout_seconds", Value: "20" }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  const id = await backstage.runInstance({
    address: "10.0.0.11",
    zone: "eu-west-1a",
    imageId: "ami-12345678",
    instanceType: "t3.micro",
    tags: {},
  });
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: id }, { Id: id, Port: 81 }] }));
  await becomes("unused Target.NotInUse");

  const balancer = await elb.send(new CreateLoadBalancerCommand({ Name: "web", Subnets }));
  const LoadBalancerArn = balancer.LoadBalancers?.[0]?.LoadBalancerArn;
  const DefaultActions = [{ Type: "forward", TargetGroupArn } as const];
  await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: "HTTP", Port: 80, DefaultActions }));
  await becomes("healthy");
  const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  expect(TargetHealthDescriptions?.map(({ Target }) => Target?.Port)).toEqual([80, 81]);
  const begun = performance.now();
  await targets.drain(TargetGroupArn, [{ id }]);
  expect(performance.now() - begun).toBeGreaterThan(190);
  expect(await targets.health(TargetGroupArn, { id })).toBe("unused Target.NotRegistered");
  elb.destroy();

  async function becomes(health: string): Promise<void> {
    await waitFor(async () => (await targets.health(TargetGroupArn, { id })) === health, {
      what: health,
      timeout: 8_000,
    });
  }
});

test("whoever may not register is told so by moto", async () => {
  await moto.enforceIam();
  const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "nothing" };
  const elb = new ElasticLoadBalancingV2Client({ ...options, credentials, maxAttempts: 1 });
  const command = new RegisterTargetsCommand({ TargetGroupArn: "arn:aws:…", Targets: [{ Id: "i-1" }] });
  await expect(elb.send(command)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  await moto.relaxIam();
  elb.destroy();
});

async function network(): Promise<{ VpcId: string; Subnets: string[] }> {
  const ec2 = new EC2Client(options);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const Subnets: string[] = [];
  for (const [at, zone] of ["a", "b"].entries()) {
    const where = { VpcId, CidrBlock: `10.0.${at}.0/24`, AvailabilityZone: `eu-west-1${zone}` };
    const { Subnet } = await ec2.send(new CreateSubnetCommand(where));
    Subnets.push(Subnet?.SubnetId ?? "");
  }
  ec2.destroy();
  return { VpcId, Subnets };
}
