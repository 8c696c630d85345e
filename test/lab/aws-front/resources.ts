// What an account has before an instance boots: target groups behind a load balancer, and hosted zones.
import {
  ConfigureHealthCheckCommand,
  CreateLoadBalancerCommand as CreateClassicBalancerCommand,
  ElasticLoadBalancingClient,
  ModifyLoadBalancerAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { CreateHostedZoneCommand, Route53Client } from "@aws-sdk/client-route-53";

import { type Backstage, region } from "./backstage.ts";

const classicName = "web-dev";

export interface TargetGroupOptions {
  /** `web-dev` if not said. */
  name?: string;
  port?: number;
  type?: "instance" | "ip";
  healthPath?: string;
  /** The status that is healthy, `200` if not said. */
  codes?: string;
  /** As AWS has it, in seconds; the front's `scale` makes less of it. */
  intervalSeconds?: number;
  drainSeconds?: number;
  /** Whether a load balancer uses it; yes if not said. */
  inUse?: boolean;
}

export interface Resources {
  /** Returns its ARN. */
  createTargetGroup(options?: TargetGroupOptions): Promise<string>;
  /** `web-dev`, with its listener and its instances on port 80. @param check as `HTTP:80/healthz` */
  createClassicBalancer(options: { check: string; drainSeconds: number }): Promise<void>;
  setClassicCheck(check: string): Promise<void>;
  /** Returns its id, without `/hostedzone/`. A private one belongs to a network of the account. */
  createZone(name: string, options?: { private?: boolean }): Promise<string>;
}

/** @param front zones are made through it, as it keeps their records */
export function createResources(backstage: Backstage, front: string): Resources {
  const clientOf = (endpoint: string) => ({ endpoint, region, credentials: backstage.keys() });

  async function defaultNetwork() {
    const { Subnets = [] } = await new EC2Client(clientOf(backstage.endpoint)).send(
      new DescribeSubnetsCommand({ Filters: [{ Name: "default-for-az", Values: ["true"] }] }),
    );
    return { vpc: Subnets[0]?.VpcId, subnets: Subnets.flatMap(({ SubnetId }) => SubnetId ?? []) };
  }

  const elb = new ElasticLoadBalancingClient(clientOf(backstage.endpoint));

  async function setClassicCheck(check: string): Promise<void> {
    const pacing = { Interval: 10, Timeout: 5, HealthyThreshold: 2, UnhealthyThreshold: 2 };
    const HealthCheck = { Target: check, ...pacing };
    await elb.send(new ConfigureHealthCheckCommand({ LoadBalancerName: classicName, HealthCheck }));
  }

  return {
    async createTargetGroup(options = {}) {
      const { name = "web-dev", port = 80, type = "instance", inUse = true } = options;
      const { vpc, subnets } = await defaultNetwork();
      const elbv2 = new ElasticLoadBalancingV2Client(clientOf(backstage.endpoint));
      const { TargetGroups = [] } = await elbv2.send(
        new CreateTargetGroupCommand({
          Name: name,
          Protocol: "HTTP",
          Port: port,
          VpcId: vpc,
          TargetType: type,
          HealthCheckPath: options.healthPath ?? "/",
          Matcher: { HttpCode: options.codes ?? "200" },
          HealthCheckIntervalSeconds: options.intervalSeconds ?? 10,
          HealthCheckTimeoutSeconds: 5,
          HealthyThresholdCount: 2,
          UnhealthyThresholdCount: 2,
        }),
      );
      const arn = TargetGroups[0]?.TargetGroupArn ?? "";
      const delay = { Key: "deregistration_delay.timeout_seconds", Value: String(options.drainSeconds ?? 30) };
      await elbv2.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes: [delay] }));
      if (!inUse) return arn;
      const { LoadBalancers = [] } = await elbv2.send(
        new CreateLoadBalancerCommand({ Name: `${name}-balancer`, Subnets: subnets.slice(0, 2) }),
      );
      await elbv2.send(
        new CreateListenerCommand({
          LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
          Protocol: "HTTP",
          Port: 80,
          DefaultActions: [{ Type: "forward", TargetGroupArn: arn }],
        }),
      );
      return arn;
    },
    async createClassicBalancer({ check, drainSeconds }) {
      await elb.send(
        new CreateClassicBalancerCommand({
          LoadBalancerName: classicName,
          AvailabilityZones: [`${region}a`],
          Listeners: [{ Protocol: "HTTP", LoadBalancerPort: 80, InstancePort: 80 }],
        }),
      );
      const ConnectionDraining = { Enabled: true, Timeout: drainSeconds };
      await elb.send(
        new ModifyLoadBalancerAttributesCommand({
          LoadBalancerName: classicName,
          LoadBalancerAttributes: { ConnectionDraining },
        }),
      );
      await setClassicCheck(check);
    },
    setClassicCheck,
    async createZone(name, options = {}) {
      const PrivateZone = options.private === true;
      const network = PrivateZone
        ? { VPC: { VPCRegion: "eu-west-1" as const, VPCId: (await defaultNetwork()).vpc ?? "" } }
        : {};
      const { HostedZone } = await new Route53Client(clientOf(front)).send(
        new CreateHostedZoneCommand({
          Name: name,
          CallerReference: `${name} ${Date.now()}`,
          // moto wants a comment.
          HostedZoneConfig: { Comment: "of the lab", PrivateZone },
          ...network,
        }),
      );
      return (HostedZone?.Id ?? "").replace("/hostedzone/", "");
    },
  };
}
