// What Classic Load Balancers are asked about their instances, with health that is really probed: moto says InService
// of everything. Wording: Elastic Load Balancing API reference 2012-06-01, "InstanceState".
import { element, success } from "./answers.ts";
import { type Answer, type AwsRequest, forActions, type Handler, structures } from "./handler.ts";
import { type Health, registerTarget, type Target } from "./target.ts";
import type { TargetGroup } from "./target-groups.ts";
import { instead, Refused, type TargetHealthOptions } from "./target-health.ts";

export interface InstanceHealth extends Handler {
  /** What Auto Scaling does with the balancers that are attached to it; also for tests. */
  register(balancer: string, id: string): Promise<void>;
  /** `InService`, or `OutOfService` and why. */
  health(balancer: string, id: string): Promise<string>;
}

type State = { readonly state: string; readonly code: string; readonly description: string };

/** @param options its `groups` are balancers, found by name */
export function createInstanceHealth(options: TargetHealthOptions): InstanceHealth {
  const { groups, instances, traffic, scale = 1, alone = false } = options;
  const registered = new Map<string, Target[]>();
  const targetsOf = (name: string): Target[] => registered.get(name) ?? [];
  const find = (name: string, id: string) => targetsOf(name).find((target) => target.id === id);

  async function balancerOf(name: string): Promise<TargetGroup> {
    const balancer = await groups.find(name);
    if (balancer === undefined)
      throw new Refused("LoadBalancerNotFound", `There is no ACTIVE Load Balancer named '${name}'`);
    return balancer;
  }

  async function register(name: string, id: string): Promise<void> {
    const { port } = await balancerOf(name);
    const address = instances.addressOf(id);
    if (address === undefined) throw new Refused("InvalidInstance", `Could not find EC2 instance ${id}.`);
    const before = find(name, id);
    if (before !== undefined && before.health().state !== "draining") return;
    before?.forget();
    const changed = () => traffic?.follow(name, targetsOf(name));
    const without = (gone: Target | undefined) => targetsOf(name).filter((target) => target !== gone);
    const target = registerTarget({
      ...{ id, port, scale, address },
      group: () => groups.find(name),
      onChange: changed,
      onGone() {
        registered.set(name, without(target));
        changed();
      },
    });
    registered.set(name, [...without(before), target]);
    changed();
  }

  async function stateOf(name: string, id: string): Promise<State> {
    const target = find(name, id);
    const running = await instances.stateOf(id);
    if (running === undefined) throw new Refused("InvalidInstance", `Could not find EC2 instance ${id}.`);
    if (target === undefined) return out("Instance is not currently registered with the LoadBalancer.");
    return running === "running" ? said(target.health()) : out(`Instance is in ${running} state.`);
  }

  async function answer(request: AwsRequest): Promise<Answer> {
    const name = request.params.get("LoadBalancerName") ?? "";
    const ids = structures(request.params, "Instances.member").map(({ InstanceId = "" }) => InstanceId);
    await balancerOf(name);
    if (request.action === "DescribeInstanceHealth") {
      const asked = ids.length > 0 ? ids : targetsOf(name).map(({ id }) => id);
      const rows = await Promise.all(asked.map(async (id) => row(id, await stateOf(name, id))));
      return success(request, `<InstanceStates>${rows.join("")}</InstanceStates>`);
    }
    for (const id of ids) {
      if (request.action === "RegisterInstancesWithLoadBalancer") await register(name, id);
      else find(name, id)?.drain();
    }
    const left = targetsOf(name).map(({ id }) => `<member>${element("InstanceId", id)}</member>`);
    return success(request, `<Instances>${left.join("")}</Instances>`);
  }

  function forget(): void {
    for (const target of [...registered.values()].flat()) target.forget();
    registered.clear();
  }

  const actions = [
    "RegisterInstancesWithLoadBalancer",
    "DeregisterInstancesFromLoadBalancer",
    "DescribeInstanceHealth",
  ];
  return {
    ...forActions("instance health", "elasticloadbalancing", actions, instead(alone, answer)),
    register,
    async health(name, id) {
      const { state, description } = await stateOf(name, id);
      return state === "InService" ? state : `${state} ${description}`;
    },
    reset: forget,
    async close() {
      forget();
      await traffic?.settled();
    },
  };
}

function said(health: Health): State {
  switch (health.state) {
    case "healthy":
      return { state: "InService", code: "N/A", description: "N/A" };
    case "draining":
      return { state: "InService", code: "N/A", description: "Instance deregistration currently in progress." };
    case "unhealthy":
      return out("Instance has failed at least the UnhealthyThreshold number of health checks consecutively.");
    default:
      return health.reason === "Elb.RegistrationInProgress"
        ? { ...out("Instance registration is still in progress."), code: "ELB" }
        : out("Instance has not passed the configured HealthyThreshold number of health checks consecutively.");
  }
}

function out(description: string): State {
  return { state: "OutOfService", code: "Instance", description };
}

function row(id: string, { state, code, description }: State): string {
  const fields = [element("State", state), element("ReasonCode", code), element("Description", description)];
  return `<member>${element("InstanceId", id)}${fields.join("")}</member>`;
}
