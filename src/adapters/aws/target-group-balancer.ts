import { parseIpv4, parseIpv6 } from "../../domain/instance/address.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Target } from "../../domain/membership/membership.ts";
import type { LoadBalancer } from "../../ports/load-balancer.ts";
import type { TargetHealthDescription } from "./sdk/elbv2.ts";
import type { AwsDeps } from "./call.ts";
import { isNamed } from "./failure.ts";
import { createElbV2 } from "./services.ts";
import { isDraining, isHealthy, sayUnknown, targetStateOf } from "./target-health.ts";
import { createTargetGroups, otherVpc, type TargetGroup } from "./target-groups.ts";
import { groupPaceOf } from "./target-pace.ts";
import { watchThrottles } from "./throttles.ts";

/** How long a group counts as large as it was, in milliseconds. */
const sizeMs = 3_600_000;

export type TargetGroupDeps = AwsDeps & {
  /** The id of the VPC that this instance is in, if the metadata says. */
  readonly vpc?: (signal: AbortSignal) => Promise<string | undefined>;
};

type Wire = { readonly TargetGroupArn: string; readonly Targets: { Id: string; Port: number }[] };

/**
 * Target groups of Application, Network and Gateway Load Balancers. The group itself says whether its targets are
 * instances or addresses, so no role has to.
 */
export function createTargetGroupBalancer(deps: TargetGroupDeps): Required<LoadBalancer> {
  const throttles = watchThrottles(deps);
  const elb = createElbV2(throttles.deps);
  const lookup = createTargetGroups(elb);
  const groups = new Map<string, TargetGroup>();
  /**
   * Targets whose drain is no longer waited for. A target group ends a drain after its own deregistration delay, and
   * cannot be hurried: after the removal, draining counts as gone.
   */
  const removed = new Set<string>();
  /** Targets that were healthy: what looks on from there may take its time, and the answer that shows the whole group. */
  const served = new Set<string>();
  const sizes = new Map<string, { readonly size: number; readonly atMs: number }>();

  async function groupOf(target: Target, signal: AbortSignal): Promise<TargetGroup> {
    const known = groups.get(target.group) ?? (await lookup.find(target.group, signal));
    groups.set(target.group, known);
    return known;
  }

  async function wireOf(target: Target, signal: AbortSignal): Promise<Wire> {
    const known = await groupOf(target, signal);
    const Id = known.type === "instance" ? target.instance : addressFor(known, target);
    return { TargetGroupArn: known.arn, Targets: [{ Id, Port: target.port }] };
  }

  /** A group that was deleted and made anew has another ARN: look it up once more. */
  async function within<T>(target: Target, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MusterError) || !isNamed(error.cause, /^TargetGroupNotFound(Exception)?$/)) throw error;
      groups.delete(target.group);
      return await work();
    }
  }

  function deregister(target: Target, signal: AbortSignal): Promise<void> {
    return within(target, async () => {
      const wire = await wireOf(target, signal);
      try {
        await elb.call((sdk) => new sdk.DeregisterTargetsCommand(wire), signal);
      } catch (error) {
        if (!(error instanceof MusterError && isNamed(error.cause, /^InvalidTarget(Exception)?$/))) throw error;
      }
    });
  }

  function heard(
    group: string,
    described: readonly TargetHealthDescription[] = [],
  ): readonly TargetHealthDescription[] {
    const { onUnknown } = deps;
    if (onUnknown !== undefined) for (const { TargetHealth: one } of described) sayUnknown(group, one ?? {}, onUnknown);
    return described;
  }

  async function membersOf(target: Target, signal: AbortSignal): Promise<readonly TargetHealthDescription[]> {
    const { TargetGroupArn } = await wireOf(target, signal);
    const answer = await elb.call((sdk) => new sdk.DescribeTargetHealthCommand({ TargetGroupArn }), signal);
    return heard(target.group, answer.TargetHealthDescriptions);
  }

  /** The target alone; the whole group at times, once the target serves: how many share the buckets paces the looks. */
  async function askFor(target: Target, wire: Wire, signal: AbortSignal): Promise<readonly TargetHealthDescription[]> {
    const nowMs = deps.monotonicMs();
    const { atMs } = sizes.get(target.group) ?? { atMs: -Infinity };
    if (!served.has(keyOf(target)) || nowMs - atMs < sizeMs) {
      const answer = await elb.call((sdk) => new sdk.DescribeTargetHealthCommand(wire), signal);
      return heard(target.group, answer.TargetHealthDescriptions);
    }
    const members = await membersOf(target, signal);
    sizes.set(target.group, { size: members.length, atMs: nowMs });
    return members;
  }

  return {
    async check(target, signal) {
      await wireOf(target, signal);
      const group = await groupOf(target, signal);
      // By instance id, targets have to be in the group's own VPC:
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
      if (group.type !== "instance" || group.vpc === undefined) return;
      const vpc = await deps.vpc?.(signal);
      if (vpc !== undefined && vpc !== group.vpc) throw otherVpc(target.group, group, vpc);
    },

    size: (target) => sizes.get(target.group)?.size,

    observe: (target, signal) =>
      within(target, async () => {
        if (target.balancer === "former-address" && !takesAddress(await groupOf(target, signal), target))
          return { kind: "absent" };
        const wire = await wireOf(target, signal);
        try {
          const mine = (await askFor(target, wire, signal)).find(({ Target: one }) => isOneOf(wire.Targets, one));
          const health = mine?.TargetHealth;
          const { check } = await groupOf(target, signal);
          const state =
            health === undefined ? ({ kind: "absent" } as const) : targetStateOf(target.group, health, check);
          if (state.kind === "healthy") served.add(keyOf(target));
          else served.delete(keyOf(target));
          return state.kind === "draining" && removed.has(keyOf(target)) ? { kind: "absent" } : state;
        } catch (error) {
          // A target that was never in the group.
          if (error instanceof MusterError && isNamed(error.cause, /^InvalidTarget(Exception)?$/))
            return { kind: "absent" };
          throw error;
        }
      }),

    register: (target, signal) =>
      within(target, async () => {
        const wire = await wireOf(target, signal);
        removed.delete(keyOf(target));
        try {
          await elb.call((sdk) => new sdk.RegisterTargetsCommand(wire), signal);
        } catch (error) {
          throw registrationFailure(target, error);
        }
      }),

    groupHealth: (target, signal) =>
      within(target, async () => {
        const { Targets } = await wireOf(target, signal);
        // An instance may be in a group with several ports: all of them leave.
        const own = new Set(Targets.map(({ Id }) => Id));
        const others = (await membersOf(target, signal)).filter(({ Target: one }) => !own.has(one?.Id ?? ""));
        const healthy = others.filter(({ TargetHealth: one }) => isHealthy(one));
        return { total: others.length + 1, healthyOthers: healthy.length };
      }),

    roster: (target, signal) =>
      within(target, async () => {
        // An address does not say whose it was.
        if ((await groupOf(target, signal)).type !== "instance") return [];
        return (await membersOf(target, signal)).flatMap(({ Target: one, TargetHealth: health }): Target[] => {
          const { Id: instance, Port: port = target.port } = one ?? {};
          if (instance === undefined || isDraining(health)) return [];
          return [{ ...target, instance, port, member: `${instance}-${port}` }];
        });
      }),

    drain: deregister,

    async identify(target, signal, among) {
      const { group } = target;
      // An ARN holds the name.
      if (among !== undefined && !group.startsWith("tag:"))
        return among.find((arn) => arn === group || arn.includes(`:targetgroup/${group}/`));
      return await within(target, async () => (await wireOf(target, signal)).TargetGroupArn);
    },

    pace({ group }) {
      const known = groups.get(group);
      return known === undefined ? undefined : groupPaceOf(known.paced, throttles.areRecent());
    },

    async remove(target, signal) {
      // Also for a target that was not drained before.
      await deregister(target, signal);
      removed.add(keyOf(target));
      // The health check may have changed since: ask again after a failure.
      groups.delete(target.group);
    },
  };
}

function takesAddress(group: TargetGroup, target: Target): boolean {
  return group.type === "ip" && addressIn(group, target) !== undefined;
}

/** A group takes addresses of one family. */
function addressIn({ family }: TargetGroup, { address, ipv6 }: Target): string | undefined {
  return family === "ipv4" ? parseIpv4(address) : (ipv6 ?? parseIpv6(address));
}

/** @throws MusterError `instance-no-address` */
function addressFor(known: TargetGroup, target: Target): string {
  const found = addressIn(known, target);
  if (found !== undefined) return found;
  const { family } = known;
  const { group, instance } = target;
  const name = family === "ipv4" ? "IPv4" : "IPv6";
  throw new MusterError({
    code: "instance-no-address",
    message: `The target group ${group} takes ${name} addresses, and instance ${instance} has none`,
    hint: `Give the instance an ${name} address, or name a target group of its family in register.targetGroup.`,
  });
}

/** A target without a port in the answer has the group's. */
function isOneOf(asked: Wire["Targets"], told: TargetHealthDescription["Target"]): boolean {
  return asked.some(({ Id, Port }) => Id === told?.Id && (told.Port === undefined || told.Port === Port));
}

function keyOf(target: Target): string {
  return `${target.group}/${target.member}`;
}

/** Limits of the account or of the group need a person. */
function registrationFailure(target: Target, error: unknown): unknown {
  if (!(error instanceof MusterError)) return error;
  if (!isNamed(error.cause, /^TooMany(RegistrationsForTargetId|Targets)(Exception)?$/)) return error;
  return new MusterError({
    code: "balancer-full",
    message: `The target group ${target.group} takes no more targets: ${String(error.cause)}`,
    hint: "Raise the quota of targets, or deregister targets that are gone.",
    cause: error.cause,
  });
}
