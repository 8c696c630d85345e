// Auto Scaling groups of the lab: kept here and not in moto, which knows no lifecycle and would run instances itself.
import { element, failure, memberList, rowList, success } from "./answers.ts";
import { complete, enterStandby, exitStandby, heartbeat, setHealth } from "./auto-scaling-acts.ts";
import { desiredOf, groupOf, Invalid, maxSize, type Member, membersOf, type State } from "./auto-scaling-state.ts";
import { type EmulatedInstance, isLate } from "./fleet.ts";
import { type Answer, type AwsRequest, forActions, type Handler, list } from "./handler.ts";
import { globalSeconds, type Hook, type Passage, startPassage, type WarmState } from "./lifecycle.ts";

export interface GroupOptions {
  name: string;
  hooks?: readonly (Pick<Hook, "name"> & Partial<Hook>)[];
  /** ARNs of the target groups that the group itself registers its instances in. */
  targetGroups?: readonly string[];
  /** Standby makes the group no smaller than that; 0 if not said. */
  minSize?: number;
}

export interface AutoScaling extends Handler {
  createGroup(options: GroupOptions): void;
  /** The group launched this instance just now, or, with `warm`, put it into its warm pool. */
  launch(group: string, instance: EmulatedInstance, warm?: WarmState): Passage;
  /** The group takes the instance out of its warm pool. */
  wake(instance: EmulatedInstance): void;
  /** The group that launched the instance of this id. */
  groupOf(instanceId: string): string | undefined;
  /** The instance's way so far: `["Pending", "Pending:Wait", …]`. */
  history(instance: EmulatedInstance): readonly string[];
  /** A person puts the instance into standby, and ends it. */
  standby(instance: EmulatedInstance): void;
  endStandby(instance: EmulatedInstance): void;
  /** The group takes the instance away. */
  scaleIn(instance: EmulatedInstance): void;
  /** What did not work in the lab itself; empty in a good test. */
  readonly troubles: readonly unknown[];
}

export interface AutoScalingDeps {
  register(targetGroup: string, instance: string): Promise<void>;
  /** Resolves when the drain is over. */
  deregister(targetGroup: string, instance: string): Promise<void>;
  terminate(instance: string): Promise<void>;
}

const actions = {
  DescribeAutoScalingGroups: describeGroups,
  DescribeAutoScalingInstances: describeInstances,
  DescribeLifecycleHooks: describeHooks,
  CompleteLifecycleAction: complete,
  RecordLifecycleActionHeartbeat: heartbeat,
  EnterStandby: enterStandby,
  ExitStandby: exitStandby,
  SetInstanceHealth: setHealth,
} as const;

export function createAutoScaling(deps: AutoScalingDeps): AutoScaling {
  const state: State = { groups: new Map(), members: new Map() };
  const troubles: unknown[] = [];

  function launch(name: string, instance: EmulatedInstance, warm?: WarmState): Passage {
    const group = groupOf(state, name);
    const each = (work: (arn: string, id: string) => Promise<void>) => async () =>
      void (await Promise.all(group.targetGroups.map((arn) => work(arn, instance.id))));
    const effects = {
      register: each((arn, id) => deps.register(arn, id)),
      deregister: each((arn, id) => deps.deregister(arn, id)),
      terminate: () => deps.terminate(instance.id),
      target: (wanted: string) => void (instance.metadata.lifecycle = wanted),
      trouble: (error: unknown) => void troubles.push(error),
    };
    const passage = startPassage(() => group.hooks, effects, warm);
    state.members.set(instance.id, { group, instance, passage, health: "Healthy" });
    return passage;
  }

  function memberOf({ id }: EmulatedInstance): Member {
    const member = state.members.get(id);
    if (member === undefined) throw new Error(`no group launched ${id}`);
    return member;
  }

  function stop(): void {
    for (const { passage } of state.members.values()) passage.stop();
  }

  return {
    ...forActions("Auto Scaling", "autoscaling", Object.keys(actions), async (request, forward) => {
      // moto says whether the caller may; of these groups it knows nothing.
      const allowed = await forward();
      return allowed.status === 403 ? allowed : answer(state, request);
    }),
    createGroup({ name, hooks = [], targetGroups = [], minSize = 0 }) {
      const usual = { transition: "launching", heartbeatSeconds: 3_600, defaultResult: "ABANDON" } as const;
      state.groups.set(name, { name, targetGroups, minSize, hooks: hooks.map((hook) => ({ ...usual, ...hook })) });
    },
    launch,
    groupOf: (id) => state.members.get(id)?.group.name,
    history: (instance) => memberOf(instance).passage.history,
    standby(instance) {
      if (!memberOf(instance).passage.enterStandby()) throw new Error(`${instance.id} is not in service`);
    },
    endStandby(instance) {
      if (!memberOf(instance).passage.exitStandby()) throw new Error(`${instance.id} is not in standby`);
    },
    wake: (instance) => memberOf(instance).passage.wake(),
    scaleIn: (instance) => memberOf(instance).passage.terminate(),
    troubles,
    reset() {
      stop();
      state.groups.clear();
      state.members.clear();
    },
    close: async () => stop(),
  };
}

function answer(state: State, request: AwsRequest): Answer {
  try {
    const action = Object.entries(actions).find(([name]) => name === request.action)?.[1];
    return success(request, action?.(state, request.params));
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return failure(request, { status: 400, code: "ValidationError", message: error.message });
  }
}

/** Of groups that are not there it says nothing, and is no error. */
function describeGroups(state: State, params: URLSearchParams): string {
  const names = list(params, "AutoScalingGroupNames.member");
  const asked = [...state.groups.values()].filter(({ name }) => names.length === 0 || names.includes(name));
  const rows = asked.map((group) => {
    const members = membersOf(state).filter((member) => member.group === group);
    return [
      element("AutoScalingGroupName", group.name),
      element("MinSize", group.minSize) + element("MaxSize", maxSize),
      element("DesiredCapacity", desiredOf(state, group)),
      element("DefaultCooldown", 300) + element("HealthCheckType", "EC2") + element("HealthCheckGracePeriod", 0),
      element("CreatedTime", new Date(0).toISOString()),
      memberList("AvailabilityZones", [...new Set(members.map(({ instance }) => instance.zone))]),
      memberList("TargetGroupARNs", group.targetGroups),
      rowList("TrafficSources", group.targetGroups, (arn) => element("Identifier", arn) + element("Type", "elbv2")),
      rowList("Instances", members, instanceFields),
    ].join("");
  });
  return rowList("AutoScalingGroups", rows, (row) => row);
}

function describeInstances(state: State, params: URLSearchParams): string {
  const ids = list(params, "InstanceIds.member");
  const asked = membersOf(state).filter(({ instance }) => ids.length === 0 || ids.includes(instance.id));
  const known = asked.filter(({ instance }) => !isLate(instance, "instance"));
  return rowList("AutoScalingInstances", known, (member) => {
    return instanceFields(member) + element("AutoScalingGroupName", member.group.name);
  });
}

function instanceFields({ instance, passage, health }: Member): string {
  return [
    element("InstanceId", instance.id),
    element("InstanceType", instance.instanceType),
    element("AvailabilityZone", instance.zone),
    element("LifecycleState", passage.state),
    element("HealthStatus", health),
    element("ProtectedFromScaleIn", false),
  ].join("");
}

function describeHooks(state: State, params: URLSearchParams): string {
  const { name, hooks } = groupOf(state, params.get("AutoScalingGroupName"));
  const names = list(params, "LifecycleHookNames.member");
  const asked = hooks.filter((hook) => names.length === 0 || names.includes(hook.name));
  return rowList("LifecycleHooks", asked, (hook) =>
    [
      element("LifecycleHookName", hook.name),
      element("AutoScalingGroupName", name),
      element("LifecycleTransition", `autoscaling:EC2_INSTANCE_${hook.transition.toUpperCase()}`),
      element("HeartbeatTimeout", hook.heartbeatSeconds),
      element("GlobalTimeout", globalSeconds(hook)),
      element("DefaultResult", hook.defaultResult),
    ].join(""),
  );
}
