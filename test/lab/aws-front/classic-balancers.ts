// Classic Load Balancers as moto has them, as groups whose targets are probed like those of any other group.
import {
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingClient,
} from "@aws-sdk/client-elastic-load-balancing";

import { type Backstage, region } from "./backstage.ts";
import { type HealthCheck, remembering, type TargetGroups } from "./target-groups.ts";

/** Found by name. Where instances are reached that the check says nothing of: the first listener's port. */
export function classicOfMoto({ endpoint, keys }: Pick<Backstage, "endpoint" | "keys">): TargetGroups {
  return remembering(async (name) => {
    const client = new ElasticLoadBalancingClient({ endpoint, region, credentials: keys() });
    try {
      const described = await client.send(new DescribeLoadBalancersCommand({ LoadBalancerNames: [name] }));
      const [balancer] = described.LoadBalancerDescriptions ?? [];
      if (balancer === undefined) return undefined;
      const { LoadBalancerAttributes } = await client.send(
        new DescribeLoadBalancerAttributesCommand({ LoadBalancerName: name }),
      );
      const { Enabled = false, Timeout = 300 } = LoadBalancerAttributes?.ConnectionDraining ?? {};
      const { HealthCheck: check, ListenerDescriptions = [] } = balancer;
      return {
        arn: name,
        name,
        type: "instance",
        port: ListenerDescriptions[0]?.Listener?.InstancePort ?? 80,
        inUse: true,
        drainMs: Enabled ? Timeout * 1_000 : 0,
        check: {
          ...asked(check?.Target ?? "TCP:80"),
          intervalMs: (check?.Interval ?? 30) * 1_000,
          timeoutMs: (check?.Timeout ?? 5) * 1_000,
          passes: check?.HealthyThreshold ?? 10,
          failures: check?.UnhealthyThreshold ?? 2,
        },
      };
    } catch (error) {
      if (error instanceof Error && /^(LoadBalancerNotFound|AccessPointNotFoundException)$/.test(error.name)) {
        return undefined;
      }
      throw error;
    } finally {
      client.destroy();
    }
  });
}

/** `HTTP:80/healthz` or `TCP:80`. Source: API reference 2012-06-01, "HealthCheck". */
export function asked(target: string): Pick<HealthCheck, "protocol" | "port" | "path" | "codes"> {
  const [, protocol = "", port, path = "/"] = /^(\w+):(\d+)(\/.*)?$/.exec(target) ?? [];
  const kind = protocol.startsWith("HTTP") ? "HTTP" : "TCP";
  return { protocol: kind, port: port === undefined ? undefined : Number(port), path, codes: "200" };
}
