import { MusterError } from "../../domain/errors.ts";
import type { GroupMembership, Lifecycle, PendingHook } from "../../ports/lifecycle.ts";
import { call, type AwsDeps } from "./call.ts";
import { keepClient } from "./client.ts";
import type { Imds } from "./imds.ts";
import type { AutoScalingClient } from "./sdk/auto-scaling.ts";

export type AwsLifecycleDeps = AwsDeps & {
  readonly imds: Imds;
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
};

/**
 * The Auto Scaling group of this instance.
 *
 * Whether there is one costs no call: the metadata has a target lifecycle state, or the group's tag where tags are
 * shown. It knows only where the instance *shall* be, so where it is comes from DescribeAutoScalingInstances.
 * Facts: docs.aws.amazon.com, "Amazon EC2 Auto Scaling lifecycle hooks" and "Retrieve the target lifecycle state
 * through instance metadata".
 */
export function createAwsLifecycle(deps: AwsLifecycleDeps): Lifecycle {
  const connect = keepClient(deps, async (options) => {
    const { AutoScalingClient: Client } = await import("./sdk/auto-scaling.ts");
    return new Client(options);
  });

  return {
    target: (signal) => targetState(deps.imds, signal),

    async observe(signal) {
      if (!(await isInGroup(deps.imds, signal))) return undefined;
      const instance = await deps.instanceId(signal);
      const scaling = await connect(signal);
      const place = await describeInstance(scaling, deps, instance, signal);
      if (place === undefined) return undefined;
      const [attachedTargetGroups, hooks] = await Promise.all([
        describeTargetGroups(scaling, deps, place.group, signal),
        describeHooks(scaling, deps, place.group, signal),
      ]);
      return {
        ...place,
        attachedTargetGroups,
        pending: hooks.filter(({ transition }) => transition === transitionOf(place.state)),
        hasLaunchHook: hooks.some(({ transition }) => transition === "launching"),
      };
    },

    async heartbeat(group, hook, signal) {
      const { RecordLifecycleActionHeartbeatCommand } = await import("./sdk/auto-scaling.ts");
      const command = new RecordLifecycleActionHeartbeatCommand({
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: await deps.instanceId(signal),
      });
      const scaling = await connect(signal);
      await unlessOver(() =>
        call(deps, "autoscaling:RecordLifecycleActionHeartbeat", signal, (options) => scaling.send(command, options)),
      );
    },

    async complete(group, hook, result, signal) {
      const { CompleteLifecycleActionCommand } = await import("./sdk/auto-scaling.ts");
      const command = new CompleteLifecycleActionCommand({
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: await deps.instanceId(signal),
        LifecycleActionResult: result,
      });
      const scaling = await connect(signal);
      await unlessOver(() =>
        call(deps, "autoscaling:CompleteLifecycleAction", signal, (options) => scaling.send(command, options)),
      );
    },
  };
}

async function targetState(imds: Imds, signal: AbortSignal): Promise<string | undefined> {
  return (await imds.get("meta-data/autoscaling/target-lifecycle-state", signal))?.trim();
}

async function isInGroup(imds: Imds, signal: AbortSignal): Promise<boolean> {
  const target = await targetState(imds, signal);
  if (target !== undefined) return target !== "Detached";
  return (await imds.get("meta-data/tags/instance/aws:autoscaling:groupName", signal)) !== undefined;
}

async function describeInstance(
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
  const [found] = answer.AutoScalingInstances ?? [];
  if (found?.AutoScalingGroupName === undefined || found.LifecycleState === undefined) return undefined;
  return { group: found.AutoScalingGroupName, state: found.LifecycleState };
}

/** Attached the old way (`TargetGroupARNs`) or the new one (traffic sources): a group shows either. */
async function describeTargetGroups(
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
  const [found] = answer.AutoScalingGroups ?? [];
  const sources = (found?.TrafficSources ?? []).flatMap(({ Identifier }) => Identifier ?? []);
  const arns = [...(found?.TargetGroupARNs ?? []), ...sources].filter((arn) => arn.includes(":targetgroup/"));
  return [...new Set(arns)];
}

async function describeHooks(
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
        defaultResult: DefaultResult === "CONTINUE" ? "CONTINUE" : "ABANDON",
      },
    ];
  });
}

const transitions: ReadonlyMap<string, PendingHook["transition"]> = new Map([
  ["autoscaling:EC2_INSTANCE_LAUNCHING", "launching"],
  ["autoscaling:EC2_INSTANCE_TERMINATING", "terminating"],
]);

/** Which hooks wait in this state; `Warmed:Pending:Wait` and `Warmed:Terminating:Wait` are waits as well. */
function transitionOf(state: string): PendingHook["transition"] | undefined {
  if (state.endsWith("Pending:Wait")) return "launching";
  return state.endsWith("Terminating:Wait") ? "terminating" : undefined;
}

/** Somebody answered before, or the wait is over: normal, and nothing is left to do. */
async function unlessOver(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const cause = error instanceof MusterError ? error.cause : undefined;
    if (!(cause instanceof Error) || !/no active lifecycle action found/i.test(cause.message)) throw error;
  }
}
