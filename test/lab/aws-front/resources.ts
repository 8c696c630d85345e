// What an account has before an instance boots: target groups behind a load balancer, and hosted zones.
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

  return {
    async createTargetGroup(options = {}) {
      const { name = "web-dev", port = 80, type = "instance", inUse = true } = options;
      const { vpc, subnets } = await defaultNetwork();
      const elb = new ElasticLoadBalancingV2Client(clientOf(backstage.endpoint));
      const { TargetGroups = [] } = await elb.send(
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
      await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: arn, Attributes: [delay] }));
      if (!inUse) return arn;
      const { LoadBalancers = [] } = await elb.send(
        new CreateLoadBalancerCommand({ Name: `${name}-balancer`, Subnets: subnets.slice(0, 2) }),
      );
      await elb.send(
        new CreateListenerCommand({
          LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
          Protocol: "HTTP",
          Port: 80,
          DefaultActions: [{ Type: "forward", TargetGroupArn: arn }],
        }),
      );
      return arn;
    },
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
