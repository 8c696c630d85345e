import type { GroupMembership, PendingHook } from "../../ports/lifecycle.ts";
import { call, type AwsDeps } from "./call.ts";
import { groupStateOf } from "./group-states.ts";
import type { AutoScalingClient } from "./sdk/auto-scaling.ts";

/** Where this instance is; undefined where no group knows it. */
export async function describeInstance(
  client: AutoScalingClient,
  deps: AwsDeps,
  instance: string,
  signal: AbortSignal,
): Promise<Pick<GroupMembership, "group" | "state"> | undefined> {
  const { DescribeAutoScalingInstancesCommand } = await import("./sdk/auto-scaling.ts");
  const command = new DescribeAutoScalingInstancesCommand({ InstanceIds: [instance] });
  const answer = await call(deps, "autoscaling:DescribeAutoScalingInstances", signal, (options) =>
    client.send(command, options),
  );
  const found = answer.AutoScalingInstances?.find(({ InstanceId }) => InstanceId === instance);
  if (found?.AutoScalingGroupName === undefined || found.LifecycleState === undefined) return undefined;
  return { group: found.AutoScalingGroupName, state: groupStateOf(found.LifecycleState) };
}

/** Attached the old way (`TargetGroupARNs`, `LoadBalancerNames`) or the new one (traffic sources): a group shows either. */
export async function describeAttached(
  client: AutoScalingClient,
  deps: AwsDeps,
  group: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { DescribeAutoScalingGroupsCommand } = await import("./sdk/auto-scaling.ts");
  const command = new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [group] });
  const answer = await call(deps, "autoscaling:DescribeAutoScalingGroups", signal, (options) =>
    client.send(command, options),
  );
  const found = answer.AutoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === group);
  const sources = (found?.TrafficSources ?? []).filter(({ Type }) => Type === undefined || Type.startsWith("elb"));
  const identifiers = sources.flatMap(({ Identifier }) => Identifier ?? []);
  return [...new Set([...(found?.TargetGroupARNs ?? []), ...(found?.LoadBalancerNames ?? []), ...identifiers])];
}

export async function describeHooks(
  client: AutoScalingClient,
  deps: AwsDeps,
  group: string,
  signal: AbortSignal,
): Promise<readonly PendingHook[]> {
  const { DescribeLifecycleHooksCommand } = await import("./sdk/auto-scaling.ts");
  const command = new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group });
  const answer = await call(deps, "autoscaling:DescribeLifecycleHooks", signal, (options) =>
    client.send(command, options),
  );
  return (answer.LifecycleHooks ?? []).flatMap((hook): PendingHook[] => {
    const {
      LifecycleHookName: name,
      LifecycleTransition,
      HeartbeatTimeout = 3_600,
      GlobalTimeout,
      DefaultResult,
    } = hook;
    const transition = transitions.get(LifecycleTransition ?? "");
    if (name === undefined || transition === undefined) return [];
    return [
      {
        name,
        transition,
        heartbeatSeconds: HeartbeatTimeout,
        globalSeconds: GlobalTimeout ?? Math.min(172_800, HeartbeatTimeout * 100),
        defaultResult: DefaultResult === "CONTINUE" ? "continue" : "abandon",
      },
    ];
  });
}

const transitions: ReadonlyMap<string, PendingHook["transition"]> = new Map([
  ["autoscaling:EC2_INSTANCE_LAUNCHING", "launching"],
  ["autoscaling:EC2_INSTANCE_TERMINATING", "terminating"],
]);
