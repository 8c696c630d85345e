// RegisterTargets, DeregisterTargets and DescribeTargetHealth, with health that is really probed.
import { isIPv4, isIPv6 } from "node:net";

import { waitFor } from "../wait.ts";
import { element, failure, success } from "./answers.ts";
import { type Answer, type AwsRequest, forActions, type Handler, structures } from "./handler.ts";
import { type Health, internalError, registerTarget, type Target } from "./target.ts";
import type { TargetGroup, TargetGroups } from "./target-groups.ts";
import type { Traffic } from "./target-traffic.ts";

/** What a target group has to know of instances. */
export interface Instances {
  addressOf(id: string): string | undefined;
  /** As EC2 names it: `running`, `stopped`, `terminated`…; undefined: there is none of that id. */
  stateOf(id: string): Promise<string | undefined>;
}

export interface TargetHealthOptions {
  groups: TargetGroups;
  instances: Instances;
  traffic?: Traffic;
  /** What check intervals and deregistration delays are multiplied by; 1 if not said. */
  scale?: number;
  /** No moto behind: nobody is asked whether a call is allowed. */
  alone?: boolean;
}

/** A target as calls name it; without a port: the group's. */
export interface TargetName {
  readonly id: string;
  readonly port?: number | undefined;
}

export interface TargetHealth extends Handler {
  /** What Auto Scaling does with its attached groups; also for tests. Throws what a client would be told. */
  register(arn: string, targets: readonly TargetName[]): Promise<void>;
  deregister(arn: string, targets: readonly TargetName[]): Promise<void>;
  /** Deregisters, and waits until the drain is over. */
  drain(arn: string, targets: readonly TargetName[]): Promise<void>;
  /** `healthy`, or `unhealthy Target.Timeout`; of a target that is not registered `unused Target.NotRegistered`. */
  health(arn: string, target: TargetName): Promise<string>;
  /** Whether the balancer of this group has an error inside and cannot say how its targets are. */
  failInside(arn: string, fails: boolean): void;
}

const notRegistered: Health = {
  state: "unused",
  reason: "Target.NotRegistered",
  description: "Target is not registered to the target group",
};

export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** moto says whether the caller may; what it says of targets does not count. */
export function instead(
  alone: boolean,
  answer: (request: AwsRequest) => Promise<Answer>,
): (request: AwsRequest, forward: () => Promise<Answer>) => Promise<Answer> {
  return async (request, forward) => {
    const allowed = alone ? undefined : await forward();
    if (allowed?.status === 403) return allowed;
    try {
      return await answer(request);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return failure(request, { status: 400, code: error.code, message: error.message });
    }
  };
}

export function createTargetHealth(options: TargetHealthOptions): TargetHealth {
  const { groups, instances, traffic, scale = 1, alone = false } = options;
  const registered = new Map<string, Target[]>();
  const failing = new Set<string>();

  async function groupOf(arn: string): Promise<TargetGroup> {
    const group = await groups.find(arn);
    if (group === undefined) throw new Refused("TargetGroupNotFound", `Target groups '${arn}' not found`);
    return group;
  }

  const targetsOf = (arn: string): Target[] => registered.get(arn) ?? [];

  function find(group: TargetGroup, { id, port = group.port }: TargetName): Target | undefined {
    return targetsOf(group.arn).find((target) => target.id === id && target.port === port);
  }

  async function register(arn: string, names: readonly TargetName[]): Promise<void> {
    const group = await groupOf(arn);
    const addresses = await addressesOf(group, names, instances);
    const changed = () => traffic?.follow(group.name, targetsOf(arn));
    for (const name of names) {
      const { id, port = group.port } = name;
      const before = find(group, name);
      if (before !== undefined && before.health().state !== "draining") continue;
      before?.forget();
      const target = registerTarget({
        ...{ id, port, scale, address: addresses.get(id) ?? id },
        group: () => groups.find(arn),
        onChange: changed,
        onGone() {
          remove(arn, target);
          changed();
        },
      });
      remove(arn, before);
      registered.set(arn, [...targetsOf(arn), target]);
    }
    changed();
  }

  function remove(arn: string, target: Target | undefined): void {
    registered.set(
      arn,
      targetsOf(arn).filter((other) => other !== target),
    );
  }

  /** What is not registered is no error (API reference, "DeregisterTargets"). */
  async function deregister(arn: string, names: readonly TargetName[]): Promise<void> {
    const group = await groupOf(arn);
    for (const name of names) find(group, name)?.drain();
  }

  async function healthOf(group: TargetGroup, target: Target): Promise<Health> {
    const state = group.type === "instance" ? await instances.stateOf(target.id) : "running";
    if (failing.has(group.arn) && target.health().state === "healthy") return internalError;
    if (state === undefined || state === "running" || target.health().state === "draining") return target.health();
    return { state: "unused", reason: "Target.InvalidState", description: `Target is in the ${state} state` };
  }

  async function describe(arn: string, names: readonly TargetName[]): Promise<string> {
    const group = await groupOf(arn);
    const rows: string[] = [];
    const asked = names.length > 0 ? names : targetsOf(arn).map(({ id, port }) => ({ id, port }));
    for (const name of asked) {
      const target = find(group, name);
      const health = target === undefined ? notRegistered : await healthOf(group, target);
      rows.push(row(group, { id: name.id, port: name.port ?? group.port }, health));
    }
    return `<TargetHealthDescriptions>${rows.join("")}</TargetHealthDescriptions>`;
  }

  async function answer(request: AwsRequest): Promise<Answer> {
    const arn = request.params.get("TargetGroupArn") ?? "";
    const names = structures(request.params, "Targets.member").map(({ Id = "", Port }) => ({
      id: Id,
      port: Port === undefined ? undefined : Number(Port),
    }));
    if (request.action === "DescribeTargetHealth") return success(request, await describe(arn, names));
    if (request.action === "RegisterTargets") await register(arn, names);
    else await deregister(arn, names);
    return success(request);
  }

  function forget(): void {
    for (const target of [...registered.values()].flat()) target.forget();
    registered.clear();
    failing.clear();
  }

  const actions = ["RegisterTargets", "DeregisterTargets", "DescribeTargetHealth"];
  return {
    ...forActions("target health", "elasticloadbalancing", actions, instead(alone, answer)),
    register,
    deregister,
    async drain(arn, names) {
      const group = await groupOf(arn);
      await deregister(arn, names);
      const gone = () => names.every((name) => find(group, name) === undefined);
      await waitFor(gone, { what: `${group.name} has drained`, timeout: group.drainMs * scale + 5_000, every: 50 });
    },
    async health(arn, name) {
      const group = await groupOf(arn);
      const target = find(group, name);
      const { state, reason } = target === undefined ? notRegistered : await healthOf(group, target);
      return [state, reason].filter(Boolean).join(" ");
    },
    failInside(arn, fails) {
      if (fails) failing.add(arn);
      else failing.delete(arn);
    },
    reset: forget,
    async close() {
      forget();
      await traffic?.settled();
    },
  };
}

/** Where each target is. Throws what AWS says of one that cannot be registered. */
async function addressesOf(
  { type, family = "ipv4" }: TargetGroup,
  names: readonly TargetName[],
  instances: Instances,
): Promise<ReadonlyMap<string, string>> {
  const ids = names.map(({ id }) => id);
  if (type === "ip") {
    // All addresses of a group have its type: an IPv4 target cannot be registered with an IPv6 group.
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
    const wrong = ids.find((id) => !(family === "ipv4" ? isIPv4(id) : isIPv6(id)));
    if (wrong !== undefined) {
      const name = family === "ipv4" ? "IPv4" : "IPv6";
      throw new Refused("ValidationError", `The IP address '${wrong}' is not a valid ${name} address`);
    }
    return new Map(ids.map((id) => [id, id]));
  }
  const wrong = ids.find((id) => !/^i-[0-9a-f]{8,17}$/.test(id));
  if (wrong !== undefined) throw new Refused("ValidationError", `Instance ID '${wrong}' is not valid`);
  const states = new Map(await Promise.all(ids.map(async (id) => [id, await instances.stateOf(id)] as const)));
  const unknown = ids.filter((id) => states.get(id) === undefined || instances.addressOf(id) === undefined);
  if (unknown.length > 0)
    throw new Refused("InvalidTarget", `The following instances do not exist: ${quoted(unknown)}`);
  const stopped = ids.filter((id) => states.get(id) !== "running");
  if (stopped.length > 0) {
    const message = `The following targets are not in a running state and cannot be registered: ${quoted(stopped)}`;
    throw new Refused("InvalidTarget", message);
  }
  return new Map(ids.map((id) => [id, instances.addressOf(id) ?? ""]));
}

function row({ check }: TargetGroup, { id, port }: { id: string; port: number }, health: Health): string {
  return [
    "<member>",
    `<Target>${element("Id", id)}${element("Port", port)}</Target>`,
    element("HealthCheckPort", check.port ?? port),
    `<TargetHealth>${element("State", health.state)}${element("Reason", health.reason)}${element("Description", health.description)}</TargetHealth>`,
    "</member>",
  ].join("");
}

function quoted(ids: readonly string[]): string {
  return ids.map((id) => `'${id}'`).join(", ");
}
