import { MusterError } from "../../domain/errors/errors.ts";
import type { GroupMembership, GroupState, GroupTarget, Lifecycle } from "../../ports/lifecycle.ts";
import { describeHooks, describeInstance, describeAttached } from "./describe-group.ts";
import { whoseHooks } from "./whose-hooks.ts";
import type { AwsDeps } from "./call.ts";
import { groupTargetOf, transitionOf } from "./group-states.ts";
import type { Imds } from "./imds.ts";
import { createAutoScaling } from "./services.ts";

export type AwsLifecycleDeps = AwsDeps & {
  readonly imds: Imds;
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  /** Globs of the names of muster's hooks (`lifecycle.hooks`); absent: the only hook of a transition. */
  readonly hooks?: readonly string[] | undefined;
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
  const scaling = createAutoScaling(deps);

  /** A move that is refused because the instance is there already, or on its way, is made. */
  async function unlessIn(
    there: readonly GroupState[],
    signal: AbortSignal,
    ask: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof MusterError) || error.code !== "aws-refused") throw error;
      const found = await describeInstance(scaling, await deps.instanceId(signal), signal);
      if (found === undefined || !there.includes(found.state)) throw standbyRefused(error);
    }
  }

  return {
    target: (signal) => targetState(deps.imds, signal),

    async observe(signal) {
      const placed = await placeOf(deps.imds, signal);
      if (placed === "outside") return undefined;
      if (placed === "detached") return detached;
      const instance = await deps.instanceId(signal);
      const found = await describeInstance(scaling, instance, signal);
      if (found === undefined) return undefined;
      const [attachedTargetGroups, hooks] = await Promise.all([
        describeAttached(scaling, found.group, signal),
        describeHooks(scaling, found.group, signal),
      ]);
      const of = (wanted: ReturnType<typeof transitionOf>) =>
        whoseHooks(
          hooks.filter(({ transition }) => transition === wanted),
          deps.hooks,
        );
      const launch = of("launching");
      return {
        ...found,
        attachedTargetGroups,
        ...of(transitionOf(found.state)),
        hasLaunchHook: launch.pending.length > 0 || launch.unclaimed !== undefined,
      };
    },

    async state(signal) {
      const placed = await placeOf(deps.imds, signal);
      if (placed !== "inside") return placed === "detached" ? "detached" : undefined;
      return (await describeInstance(scaling, await deps.instanceId(signal), signal))?.state;
    },

    async heartbeat(group, hook, signal) {
      const wanted = {
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: await deps.instanceId(signal),
      };
      await unlessOver(() => scaling.call((sdk) => new sdk.RecordLifecycleActionHeartbeatCommand(wanted), signal));
    },

    async complete(group, hook, result, signal) {
      const wanted = {
        AutoScalingGroupName: group,
        LifecycleHookName: hook,
        InstanceId: await deps.instanceId(signal),
        LifecycleActionResult: result === "continue" ? "CONTINUE" : "ABANDON",
      };
      return await unlessOver(() => scaling.call((sdk) => new sdk.CompleteLifecycleActionCommand(wanted), signal));
    },

    async enterStandby(group, signal) {
      const wanted = {
        AutoScalingGroupName: group,
        InstanceIds: [await deps.instanceId(signal)],
        ShouldDecrementDesiredCapacity: true,
      };
      const ask = () => scaling.call((sdk) => new sdk.EnterStandbyCommand(wanted), signal);
      await unlessIn(["entering-standby", "standby"], signal, ask);
    },

    async exitStandby(group, signal) {
      const wanted = {
        AutoScalingGroupName: group,
        InstanceIds: [await deps.instanceId(signal)],
      };
      const ask = () => scaling.call((sdk) => new sdk.ExitStandbyCommand(wanted), signal);
      await unlessIn(["launching", "launch-waiting", "launch-completed", "in-service"], signal, ask);
    },

    async setUnhealthy(signal) {
      const wanted = {
        InstanceId: await deps.instanceId(signal),
        HealthStatus: "Unhealthy",
        ShouldRespectGracePeriod: false,
      };
      await scaling.call((sdk) => new sdk.SetInstanceHealthCommand(wanted), signal);
    },
  };
}

async function targetState(imds: Imds, signal: AbortSignal): Promise<GroupTarget | undefined> {
  const word = await imds.get("meta-data/autoscaling/target-lifecycle-state", signal);
  return word === undefined ? undefined : groupTargetOf(word.trim());
}

type Place = "inside" | "outside" | "detached";

async function placeOf(imds: Imds, signal: AbortSignal): Promise<Place> {
  const target = await targetState(imds, signal);
  if (target !== undefined) return target === "detached" ? "detached" : "inside";
  const named = await imds.get("meta-data/tags/instance/aws:autoscaling:groupName", signal);
  return named === undefined ? "outside" : "inside";
}

/** The API knows nothing of a detached instance, and the group's name is gone with its tag. */
const detached: GroupMembership = {
  group: "",
  state: "detached",
  attachedTargetGroups: [],
  pending: [],
  hasLaunchHook: false,
};

/**
 * A hook that was completed before, or whose wait is over, needs no answer: that is normal.
 * @returns false where there was nothing to do
 */
async function unlessOver(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const cause = error instanceof MusterError ? error.cause : undefined;
    if (!(cause instanceof Error) || !/no active lifecycle action found/i.test(cause.message)) throw error;
    return false;
  }
}

/** As Auto Scaling words it: "AutoScalingGroup web has min-size=2, max-size=2, and desired-size=2. To place into standby …". */
function standbyRefused(error: MusterError): MusterError {
  const { cause } = error;
  if (!(cause instanceof Error) || !/min-size=/.test(cause.message)) return error;
  return new MusterError({
    code: "standby-refused",
    message: `Auto Scaling does not let this instance go into standby: ${cause.message}`,
    hint: "Let MinSize be smaller than the desired capacity: aws autoscaling update-auto-scaling-group --min-size …",
    cause,
  });
}
