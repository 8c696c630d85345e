import { MusterError } from "../../src/domain/errors/errors.ts";
import type { Target, TargetState } from "../../src/domain/membership/membership.ts";
import type { LoadBalancer } from "../../src/ports/load-balancer.ts";

type Member = { address: string; port: number; draining: boolean; connections: number };

/** A balancer in memory. */
export type FakeLoadBalancer = LoadBalancer & {
  /** `register web/i-1-80` and such, in order; looking is not listed. */
  readonly calls: readonly string[];
  /** Whether the balancer's own check of a place passes; by default it does. */
  passes: (target: Target) => boolean;
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  members(): readonly string[];
  /** What a reload of HAProxy does. */
  forgetAll(): void;
  /** What Auto Scaling does with an instance of its own. */
  plant(target: Pick<Target, "group" | "member" | "address" | "port">): void;
  openConnections(member: string, count: number): void;
};

export function createFakeLoadBalancer(groups: readonly string[]): FakeLoadBalancer {
  const members = new Map<string, Member>();
  const calls: string[] = [];

  function check(target: Target, signal: AbortSignal): void {
    signal.throwIfAborted();
    if (fake.trouble !== undefined) throw fake.trouble;
    if (groups.includes(target.group)) return;
    const message = `no group ${target.group}`;
    throw new MusterError({ code: "balancer-group-missing", message, hint: "Add it.", transient: true });
  }

  function stateOf(target: Target): TargetState {
    const member = members.get(keyOf(target));
    if (member === undefined) return { kind: "absent" };
    if (member.address !== target.address || member.port !== target.port) {
      return { kind: "wrong", reason: `registered at ${member.address}:${member.port}` };
    }
    if (member.draining) return { kind: "draining", connections: member.connections };
    return fake.passes(target) ? { kind: "healthy" } : { kind: "unhealthy", reason: `${keyOf(target)}: DOWN` };
  }

  const fake: FakeLoadBalancer = {
    calls,
    passes: () => true,
    trouble: undefined,
    members: () => [...members.keys()],
    forgetAll: () => members.clear(),
    plant(target) {
      const { address, port } = target;
      members.set(`${target.group}/${target.member}`, { address, port, draining: false, connections: 0 });
    },
    identify: async ({ group }) => arnOf(group),
    openConnections(member, count) {
      const found = members.get(member);
      if (found === undefined) throw new Error(`${member} is not registered`);
      found.connections = count;
    },
    async check(target, signal) {
      check(target, signal);
    },
    async observe(target, signal) {
      check(target, signal);
      return stateOf(target);
    },
    async register(target, signal) {
      check(target, signal);
      calls.push(`register ${keyOf(target)}`);
      const { address, port } = target;
      members.set(keyOf(target), { address, port, draining: false, connections: 0 });
    },
    async groupHealth(target, signal) {
      check(target, signal);
      const others = [...members].filter(([key]) => key.startsWith(`${target.group}/`) && !isOwn(key, target));
      const healthy = others.filter(([key, { address, port }]) => {
        const member = key.slice(target.group.length + 1);
        return stateOf({ ...target, member, address, port }).kind === "healthy";
      });
      return { total: others.length + 1, healthyOthers: healthy.length };
    },
    async roster(target, signal) {
      check(target, signal);
      return [...members].flatMap(([key, { address, port, draining }]) => {
        const [group = "", member = ""] = key.split("/");
        const instance = member.replace(/-\d+$/, "");
        return group === target.group && !draining ? [{ ...target, instance, member, address, port }] : [];
      });
    },
    async drain(target, signal) {
      check(target, signal);
      calls.push(`drain ${keyOf(target)}`);
      const member = members.get(keyOf(target));
      if (member !== undefined) member.draining = true;
    },
    async remove(target, signal) {
      check(target, signal);
      calls.push(`remove ${keyOf(target)}`);
      members.delete(keyOf(target));
    },
  };
  return fake;
}

/** What this balancer calls a group. */
export function arnOf(group: string): string {
  return `arn:aws:elasticloadbalancing:local:000000000000:targetgroup/${group}/0123456789abcdef`;
}

/** Of the same instance, on any port. */
function isOwn(key: string, { group, instance }: Target): boolean {
  const name = key.slice(group.length + 1);
  return name.startsWith(instance) && /^(-\d+)?$/.test(name.slice(instance.length));
}

function keyOf({ group, member }: Target): string {
  return `${group}/${member}`;
}
