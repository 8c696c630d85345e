// Target groups as moto has them: what is checked, how often, and whether a listener uses them.
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";

import { type Backstage, region } from "./backstage.ts";

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  readonly type: "instance" | "ip";
  /** Of the addresses that it takes; absent: IPv4. */
  readonly family?: "ipv4" | "ipv6";
  /** Where targets are reached that name no port. */
  readonly port: number;
  /** Whether a listener sends it anything. */
  readonly inUse: boolean;
  readonly drainMs: number;
  /** Of a Network Load Balancer; absent: of an Application Load Balancer. */
  readonly network?: boolean;
  readonly check: HealthCheck;
}

export interface HealthCheck {
  readonly protocol: "HTTP" | "TCP";
  /** Absent: where the traffic goes. */
  readonly port?: number | undefined;
  readonly path: string;
  /** As `200`, `200,301` or `200-299`. */
  readonly codes: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many in a row bring an unhealthy target back, and a new one in where the balancer is a network one. */
  readonly passes: number;
  /** So many in a row take a target out. */
  readonly failures: number;
}

export interface TargetGroups {
  find(arn: string): Promise<TargetGroup | undefined>;
}

/** How long an answer of moto's is good, in milliseconds: every check of every target asks. */
const freshMs = 500;

export function groupsOfMoto({ endpoint, keys }: Pick<Backstage, "endpoint" | "keys">): TargetGroups {
  async function ask(arn: string): Promise<TargetGroup | undefined> {
    const client = new ElasticLoadBalancingV2Client({ endpoint, region, credentials: keys() });
    try {
      const described = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }));
      const [group] = described.TargetGroups ?? [];
      if (group === undefined) return undefined;
      const { Attributes = [] } = await client.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }));
      const delay = Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value ?? "300";
      const checkPort = Number(group.HealthCheckPort);
      return {
        arn,
        name: group.TargetGroupName ?? "",
        type: group.TargetType === "ip" ? "ip" : "instance",
        family: group.IpAddressType === "ipv6" ? "ipv6" : "ipv4",
        port: group.Port ?? 80,
        inUse: (group.LoadBalancerArns ?? []).length > 0,
        drainMs: Number(delay) * 1_000,
        network: !/^HTTPS?$/.test(group.Protocol ?? "HTTP"),
        check: {
          protocol: group.HealthCheckProtocol === "TCP" ? "TCP" : "HTTP",
          port: Number.isInteger(checkPort) && checkPort > 0 ? checkPort : undefined,
          path: group.HealthCheckPath ?? "/",
          codes: group.Matcher?.HttpCode ?? "200",
          intervalMs: (group.HealthCheckIntervalSeconds ?? 30) * 1_000,
          timeoutMs: (group.HealthCheckTimeoutSeconds ?? 5) * 1_000,
          passes: group.HealthyThresholdCount ?? 5,
          failures: group.UnhealthyThresholdCount ?? 2,
        },
      };
    } catch (error) {
      if (error instanceof Error && error.name.startsWith("TargetGroupNotFound")) return undefined;
      throw error;
    } finally {
      client.destroy();
    }
  }

  return remembering(ask);
}

/** Asks moto no more often than is worth it. */
export function remembering(ask: TargetGroups["find"]): TargetGroups {
  const known = new Map<string, { readonly group: Promise<TargetGroup | undefined>; readonly until: number }>();
  return {
    find(key) {
      const kept = known.get(key);
      if (kept !== undefined && kept.until > Date.now()) return kept.group;
      // A busy moto changes no group: what it said last holds.
      const group = ask(key).catch((error: unknown) => {
        if (kept === undefined) throw error;
        return kept.group;
      });
      known.set(key, { group, until: Date.now() + freshMs });
      return group;
    },
  };
}
