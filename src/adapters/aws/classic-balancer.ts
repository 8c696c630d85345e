import { MusterError } from "../../domain/errors/errors.ts";
import type { Target } from "../../domain/membership/membership.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { AwsDeps } from "./call.ts";
import { isNamed } from "./failure.ts";
import { instanceStateOf, type InstanceHealth } from "./instance-health.ts";
import { createElb } from "./services.ts";
import { classicPaceOf, type ClassicCheckPace } from "./target-pace.ts";
import { watchThrottles } from "./throttles.ts";

/** The health check of a balancer: what is checked, as `HTTP:80/`, and how often. */
type Check = ClassicCheckPace & { readonly Target?: string | undefined };

/** "The specified endpoint is not valid": the instance is not in this balancer, or does not exist. */
const unknownInstance = /^(InvalidInstance|InvalidEndPointException)$/;
const unknownBalancer = /^(LoadBalancerNotFound|AccessPointNotFoundException)$/;

/**
 * Classic Load Balancers. A balancer is a group, known by its name, and an instance is in it once: its listeners name
 * the ports of the instance.
 */
export function createClassicBalancer(deps: AwsDeps): Required<LoadBalancer> {
  const throttles = watchThrottles(deps);
  const elb = createElb(throttles.deps);
  /** The health check of each balancer; asked for once, and only when a check fails. */
  const checks = new Map<string, Check>();
  /** Targets whose drain is no longer waited for: a balancer ends a drain by its own clock, and cannot be hurried. */
  const removed = new Set<string>();

  async function healthOf(
    { group }: Target,
    whose: { readonly instance: string } | "everyone",
    signal: AbortSignal,
  ): Promise<readonly (InstanceHealth & { readonly InstanceId?: string | undefined })[]> {
    // Without a list of instances the balancer answers with all of them.
    const only = whose === "everyone" ? {} : { Instances: [{ InstanceId: whose.instance }] };
    const wanted = { LoadBalancerName: group, ...only };
    const answer = await elb.call((sdk) => new sdk.DescribeInstanceHealthCommand(wanted), signal);
    return answer.InstanceStates ?? [];
  }

  async function checkOf({ group }: Target, signal: AbortSignal): Promise<Check> {
    const known = checks.get(group);
    if (known !== undefined) return known;
    const wanted = { LoadBalancerNames: [group] };
    const answer = await elb.call((sdk) => new sdk.DescribeLoadBalancersCommand(wanted), signal);
    const named = answer.LoadBalancerDescriptions?.find(({ LoadBalancerName }) => LoadBalancerName === group);
    const check = named?.HealthCheck ?? {};
    checks.set(group, check);
    return check;
  }

  async function deregister(target: Target, signal: AbortSignal): Promise<void> {
    await orWhere(unknownInstance, undefined, async () => {
      await elb.call((sdk) => new sdk.DeregisterInstancesFromLoadBalancerCommand(wireOf(target)), signal);
    });
  }

  return {
    check: (target, signal) =>
      within(target, async () => void (await orWhere(unknownInstance, [], () => healthOf(target, target, signal)))),

    // Its answers show one instance alone.
    size: () => undefined,

    observe: (target, signal) =>
      within(target, async () => {
        const told = await orWhere(unknownInstance, [], () => healthOf(target, target, signal));
        const health = told.find(({ InstanceId }) => InstanceId === target.instance);
        if (health === undefined) return { kind: "absent" };
        const sure = instanceStateOf(target.group, health, "");
        if (sure.kind === "draining" && removed.has(keyOf(target))) return { kind: "absent" };
        if (sure.kind !== "starting" && sure.kind !== "unhealthy") return sure;
        return instanceStateOf(target.group, health, (await checkOf(target, signal)).Target ?? "not known");
      }),

    register: (target, signal) =>
      within(target, async () => {
        removed.delete(keyOf(target));
        await elb.call((sdk) => new sdk.RegisterInstancesWithLoadBalancerCommand(wireOf(target)), signal);
      }),

    groupHealth: (target, signal) =>
      within(target, async () => {
        const all = await healthOf(target, "everyone", signal);
        const others = all.filter(({ InstanceId }) => InstanceId !== target.instance);
        const healthy = others.filter((one) => instanceStateOf(target.group, one, "").kind === "healthy");
        return { total: others.length + 1, healthyOthers: healthy.length };
      }),

    // A Classic Load Balancer drops terminated instances by itself.
    roster: async () => [],

    drain: (target, signal) => within(target, () => deregister(target, signal)),

    // Auto Scaling uses the same name.
    identify: async ({ group }) => group,

    pace: ({ group }) => classicPaceOf(checks.get(group) ?? {}, throttles.areRecent()),

    remove: (target, signal) =>
      within(target, async () => {
        await deregister(target, signal);
        removed.add(keyOf(target));
        // The health check may have changed since: ask again after a failure.
        checks.delete(target.group);
      }),
  };
}

function wireOf({ group, instance }: Target): { LoadBalancerName: string; Instances: { InstanceId: string }[] } {
  return { LoadBalancerName: group, Instances: [{ InstanceId: instance }] };
}

function keyOf({ group, instance }: Target): string {
  return `${group}/${instance}`;
}

async function orWhere<T>(refused: RegExp, instead: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MusterError && isNamed(error.cause, refused)) return instead;
    throw error;
  }
}

async function within<T>({ group }: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MusterError) || !isNamed(error.cause, unknownBalancer)) throw error;
    throw new MusterError({
      code: "balancer-group-missing",
      message: `There is no Classic Load Balancer ${group} in this account and region`,
      hint: "Create it, or correct register.classicLoadBalancer in the catalogue.",
      cause: error.cause,
      transient: true,
    });
  }
}
