// Auto Scaling groups of the lab: kept here and not in moto, which knows no lifecycle and would run instances itself.
import { element, failure, success } from "./answers.ts";
import type { EmulatedInstance } from "./fleet.ts";
import { type Answer, type AwsRequest, forActions, type Handler, list } from "./handler.ts";
import { globalSeconds, type Hook, type Passage, type Result, startPassage, type WarmState } from "./lifecycle.ts";

export interface GroupOptions {
  name: string;
  hooks?: readonly (Pick<Hook, "name"> & Partial<Hook>)[];
  /** ARNs of the target groups that the group itself registers its instances in. */
  targetGroups?: readonly string[];
}

export interface AutoScaling extends Handler {
  createGroup(options: GroupOptions): void;
  /** The group launched this instance just now, or, with `warm`, put it into its warm pool. */
  launch(group: string, instance: EmulatedInstance, warm?: WarmState): Passage;
  /** The group takes the instance out of its warm pool. */
  wake(instance: EmulatedInstance): void;
  /** The instance's way so far: `["Pending", "Pending:Wait", …]`. */
  history(instance: EmulatedInstance): readonly string[];
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

interface Group {
  readonly name: string;
  readonly hooks: readonly Hook[];
  readonly targetGroups: readonly string[];
}

interface Member {
  readonly group: Group;
  readonly instance: EmulatedInstance;
  readonly passage: Passage;
}

const actions = {
  DescribeAutoScalingGroups: describeGroups,
  DescribeAutoScalingInstances: describeInstances,
  DescribeLifecycleHooks: describeHooks,
  CompleteLifecycleAction: complete,
  RecordLifecycleActionHeartbeat: heartbeat,
} as const;

interface State {
  readonly groups: Map<string, Group>;
  readonly members: Map<string, Member>;
}

class Invalid extends Error {}

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
    state.members.set(instance.id, { group, instance, passage });
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
    createGroup({ name, hooks = [], targetGroups = [] }) {
      const usual = { transition: "launching", heartbeatSeconds: 3_600, defaultResult: "ABANDON" } as const;
      state.groups.set(name, { name, targetGroups, hooks: hooks.map((hook) => ({ ...usual, ...hook })) });
    },
    launch,
    history: (instance) => memberOf(instance).passage.history,
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

function groupOf({ groups }: State, name: string | null): Group {
  const group = groups.get(name ?? "");
  if (group === undefined) throw new Invalid(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
  return group;
}

/** Those that are still in their group. */
function membersOf({ members }: State): Member[] {
  return [...members.values()].filter(({ passage }) => passage.state !== "Terminated");
}

/** Of groups that are not there it says nothing, and is no error. */
function describeGroups(state: State, params: URLSearchParams): string {
  const names = list(params, "AutoScalingGroupNames.member");
  const asked = [...state.groups.values()].filter(({ name }) => names.length === 0 || names.includes(name));
  const rows = asked.map((group) => {
    const members = membersOf(state).filter((member) => member.group === group);
    return [
      element("AutoScalingGroupName", group.name),
      element("MinSize", 0) + element("MaxSize", 100) + element("DesiredCapacity", members.length),
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
  return rowList("AutoScalingInstances", asked, (member) => {
    return instanceFields(member) + element("AutoScalingGroupName", member.group.name);
  });
}

function instanceFields({ instance, passage }: Member): string {
  return [
    element("InstanceId", instance.id),
    element("InstanceType", instance.instanceType),
    element("AvailabilityZone", instance.zone),
    element("LifecycleState", passage.state),
    element("HealthStatus", "Healthy"),
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

function complete(state: State, params: URLSearchParams): string {
  // Whatever is not CONTINUE is an ABANDON.
  const result: Result = params.get("LifecycleActionResult") === "CONTINUE" ? "CONTINUE" : "ABANDON";
  return act(state, params, (passage, hook) => passage.complete(hook, result));
}

function heartbeat(state: State, params: URLSearchParams): string {
  return act(state, params, (passage, hook) => passage.heartbeat(hook));
}

/** An instance names its own action by its id; the tokens of notifications are handed to nobody here. */
function act(state: State, params: URLSearchParams, work: (passage: Passage, hook: string) => boolean): string {
  const group = groupOf(state, params.get("AutoScalingGroupName"));
  const id = params.get("InstanceId");
  const member = membersOf(state).find((other) => other.group === group && other.instance.id === id);
  if (member !== undefined && work(member.passage, params.get("LifecycleHookName") ?? "")) return "";
  throw new Invalid(`No active Lifecycle Action found with instance ID ${id}`);
}

function memberList(name: string, values: readonly string[]): string {
  return `<${name}>${values.map((value) => element("member", value)).join("")}</${name}>`;
}

function rowList<T>(name: string, rows: readonly T[], print: (row: T) => string): string {
  return `<${name}>${rows.map((row) => `<member>${print(row)}</member>`).join("")}</${name}>`;
}
