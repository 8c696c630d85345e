import type { GroupMembership, PendingHook } from "../../ports/lifecycle.ts";
import { groupStateOf, isKnownState, otherState } from "./group-states.ts";
import type { AutoScaling } from "./services.ts";
import type { OnUnknown } from "./unknown-values.ts";

/** The state of this instance in its group; undefined if it is in none. */
export async function describeInstance(
  scaling: AutoScaling,
  instance: string,
  signal: AbortSignal,
  onUnknown?: OnUnknown,
): Promise<Pick<GroupMembership, "group" | "state"> | undefined> {
  const wanted = { InstanceIds: [instance] };
  const answer = await scaling.call((sdk) => new sdk.DescribeAutoScalingInstancesCommand(wanted), signal);
  const found = answer.AutoScalingInstances?.find(({ InstanceId }) => InstanceId === instance);
  if (found?.AutoScalingGroupName === undefined || found.LifecycleState === undefined) return undefined;
  const { AutoScalingGroupName: group, LifecycleState: word } = found;
  if (!isKnownState(word)) onUnknown?.(`The state of this instance in Auto Scaling group ${group}`, word, otherState);
  return { group, state: groupStateOf(word) };
}

/**
 * Attached the old way (`TargetGroupARNs`, `LoadBalancerNames`) or the new one (traffic sources): a group shows either.
 */
export async function describeAttached(
  scaling: AutoScaling,
  group: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const wanted = { AutoScalingGroupNames: [group] };
  const answer = await scaling.call((sdk) => new sdk.DescribeAutoScalingGroupsCommand(wanted), signal);
  const found = answer.AutoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === group);
  const sources = (found?.TrafficSources ?? []).filter(({ Type }) => Type === undefined || Type.startsWith("elb"));
  const identifiers = sources.flatMap(({ Identifier }) => Identifier ?? []);
  return [...new Set([...(found?.TargetGroupARNs ?? []), ...(found?.LoadBalancerNames ?? []), ...identifiers])];
}

export async function describeHooks(
  scaling: AutoScaling,
  group: string,
  signal: AbortSignal,
): Promise<readonly PendingHook[]> {
  const wanted = { AutoScalingGroupName: group };
  const answer = await scaling.call((sdk) => new sdk.DescribeLifecycleHooksCommand(wanted), signal);
  return (answer.LifecycleHooks ?? []).flatMap((hook): PendingHook[] => {
    const { LifecycleHookName: name, LifecycleTransition, HeartbeatTimeout, GlobalTimeout, DefaultResult } = hook;
    const heartbeatSeconds = secondsOr(HeartbeatTimeout, 3_600);
    const transition = transitions.get(LifecycleTransition ?? "");
    if (name === undefined || transition === undefined) return [];
    return [
      {
        name,
        transition,
        heartbeatSeconds,
        globalSeconds: secondsOr(GlobalTimeout, Math.min(172_800, heartbeatSeconds * 100)),
        defaultResult: DefaultResult === "CONTINUE" ? "continue" : "abandon",
      },
    ];
  });
}

/** A time-out of no second is none: heartbeats would follow each other without a pause, or a leave would have no time. */
function secondsOr(value: number | undefined, otherwise: number): number {
  return value !== undefined && value >= 1 ? value : otherwise;
}

const transitions: ReadonlyMap<string, PendingHook["transition"]> = new Map([
  ["autoscaling:EC2_INSTANCE_LAUNCHING", "launching"],
  ["autoscaling:EC2_INSTANCE_TERMINATING", "terminating"],
]);
