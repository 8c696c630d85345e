import { MusterError } from "../../domain/errors/errors.ts";
import type { Tags } from "../../domain/instance/instance.ts";
import type { GroupMembership, GroupState, GroupTarget, Lifecycle } from "../../ports/lifecycle.ts";
import { describeHooks, describeInstance, describeAttached } from "./describe-group.ts";
import { whoseHooks } from "./whose-hooks.ts";
import type { AwsDeps } from "./call.ts";
import { groupTargetOf, isKnownState, otherState, transitionOf } from "./group-states.ts";
import type { Imds } from "./imds.ts";
import { createAutoScaling } from "./services.ts";

export type AwsLifecycleDeps = AwsDeps & {
  readonly imds: Imds;
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  /** Globs of the names of muster's hooks (`lifecycle.hooks`); absent: the only hook of a transition. */
  readonly hooks?: readonly string[] | undefined;
  /** The last read tags; undefined before they were read. Without a call. */
  readonly tags: () => Tags | undefined;
  /** Whether the absence of this instance may only be late (`lateness.ts`). */
  readonly mayBeLate: (signal: AbortSignal) => Promise<boolean>;
};

/**
 * The Auto Scaling group of this instance.
 *
 * Whether there is one costs no call: the metadata has a target lifecycle state, or the tags name the group. Tags
 * without it are proof that there is none, because a group names itself at the launch; no tags at all are none while the
 * instance is young. The metadata knows only where the instance *shall* be, so where it is comes from DescribeAutoScalingInstances.
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
      const found = await describeInstance(scaling, await deps.instanceId(signal), signal, deps.onUnknown);
      if (found === undefined || !there.includes(found.state)) throw standbyRefused(error);
    }
  }

  /** @throws MusterError `group-late` */
  async function find(signal: AbortSignal): ReturnType<typeof describeInstance> {
    const found = await describeInstance(scaling, await deps.instanceId(signal), signal, deps.onUnknown);
    if (found !== undefined) return found;
    const isGone = (await targetState(deps, signal)) === "terminated";
    if (!isGone && (await deps.mayBeLate(signal))) {
      throw groupLate("Auto Scaling does not know this instance yet, which one of its groups launched");
    }
    return undefined;
  }

  return {
    target: (signal) => targetState(deps, signal),

    async observe(signal) {
      const placed = await placeOf(deps, signal);
      if (placed === "outside") return undefined;
      if (placed === "detached") return detached;
      const found = await find(signal);
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
      const waits = transitionOf(found.state);
      // A group does not wait without a hook.
      if (waits !== undefined && !hooks.some(({ transition }) => transition === waits)) {
        throw groupLate(`Auto Scaling shows no hook of group ${found.group}, which waits for one`);
      }
      return {
        ...found,
        attachedTargetGroups,
        ...of(transitionOf(found.state)),
        hasLaunchHook: launch.pending.length > 0 || launch.unclaimed !== undefined,
      };
    },

    async state(signal) {
      const placed = await placeOf(deps, signal);
      if (placed !== "inside") return placed === "detached" ? "detached" : undefined;
      return (await find(signal))?.state;
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

async function targetState(
  { imds, onUnknown }: Pick<AwsLifecycleDeps, "imds" | "onUnknown">,
  signal: AbortSignal,
): Promise<GroupTarget | undefined> {
  const word = (await imds.get("meta-data/autoscaling/target-lifecycle-state", signal))?.trim();
  if (word === undefined) return undefined;
  if (!isKnownState(word)) onUnknown?.("The target lifecycle state in the metadata", word, otherState);
  return groupTargetOf(word);
}

type Place = "inside" | "outside" | "detached";

/** @throws MusterError `group-late` */
async function placeOf(
  { imds, tags, mayBeLate, onUnknown }: Pick<AwsLifecycleDeps, "imds" | "tags" | "mayBeLate" | "onUnknown">,
  signal: AbortSignal,
): Promise<Place> {
  const target = await targetState({ imds, onUnknown }, signal);
  if (target !== undefined) return target === "detached" ? "detached" : "inside";
  const named = await imds.get(`meta-data/tags/instance/${groupTag}`, signal);
  const known = tags() ?? {};
  if (named !== undefined || Object.hasOwn(known, groupTag)) return "inside";
  if (Object.keys(known).length === 0 && (await mayBeLate(signal))) {
    throw groupLate("Neither the metadata nor tags say yet whether an Auto Scaling group launched this instance");
  }
  return "outside";
}

const groupTag = "aws:autoscaling:groupName";

function groupLate(message: string): MusterError {
  const hint = "Right after a launch AWS may not know of it yet.";
  return new MusterError({ code: "group-late", message, hint, transient: true });
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
