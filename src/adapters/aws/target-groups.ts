import { MusterError } from "../../domain/errors/errors.ts";
import { isNamed } from "./failure.ts";
import type { ElbV2 } from "./services.ts";
import type { GroupCheckPace } from "./target-pace.ts";

/** The facts of a target group that registering needs. */
export type TargetGroup = {
  readonly arn: string;
  /** How it identifies its targets. */
  readonly type: "instance" | "ip";
  /** Of the addresses that it takes. */
  readonly family: "ipv4" | "ipv6";
  /** The id of its VPC, if the answer has one. */
  readonly vpc?: string | undefined;
  readonly check: GroupCheck;
  readonly paced: GroupCheckPace;
};

/** The health check of a group. */
export type GroupCheck = {
  /** As `HTTP on port 8080`. */
  readonly by: string;
  /** Absent: it only connects. */
  readonly path?: string | undefined;
  /** The status codes of success, as `200` or `200-299`. */
  readonly codes?: string | undefined;
};

type Described = GroupCheckPace & {
  readonly TargetGroupName?: string | undefined;
  readonly TargetGroupArn?: string | undefined;
  readonly TargetType?: string | undefined;
  readonly IpAddressType?: string | undefined;
  readonly VpcId?: string | undefined;
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly Matcher?: { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined } | undefined;
};

type Page = { readonly TargetGroups?: readonly Described[] | undefined; readonly NextMarker?: string | undefined };

/** The groups and tags that one request may name: DescribeTags takes 20, and DescribeTargetGroups publishes no limit. */
const namesACall = 20;

/** Looks up groups. What is asked for in the same turn and with the same signal shares its requests. */
export type TargetGroups = {
  /**
   * The group of that name, of that ARN, or with that tag (`tag:KEY=VALUE`).
   * @throws MusterError `balancer-group-missing` (transient: it may be created at this moment),
   * `balancer-group-ambiguous`, `balancer-group-unusable`
   */
  find(group: string, signal: AbortSignal): Promise<TargetGroup>;
};

/** Requests that are gathered in one turn. */
type Batch = { readonly key: string; readonly names: Set<string>; readonly found: Promise<readonly Found[]> };

type Found = { readonly described: Described; readonly tags: readonly string[] };

export function createTargetGroups(elb: ElbV2): TargetGroups {
  const open = new Map<AbortSignal, Batch[]>();

  function gather(group: string, signal: AbortSignal): Promise<readonly Found[]> {
    const key = group.startsWith("tag:") ? "tags" : group.startsWith("arn:") ? "TargetGroupArns" : "Names";
    const batches = open.get(signal) ?? [];
    open.set(signal, batches);
    const room = batches.find((one) => one.key === key && (key === "tags" || one.names.size < namesACall));
    if (room !== undefined) {
      room.names.add(group);
      return room.found;
    }
    const names = new Set([group]);
    const ask = () => (key === "tags" ? findTagged(elb, signal) : findNamed(elb, key, [...names], signal));
    const found = Promise.resolve().then(() => {
      open.delete(signal);
      return ask();
    });
    batches.push({ key, names, found });
    return found;
  }

  return {
    async find(group, signal) {
      const all = await gather(group, signal);
      // An empty list would make AWS answer with all groups: ignore those that were not requested.
      const fitting = all.filter(({ described: { TargetGroupName, TargetGroupArn }, tags }) =>
        [TargetGroupName, TargetGroupArn, ...tags].includes(group),
      );
      return usableOf(group, fitting);
    },
  };
}

function usableOf(group: string, [first, second]: readonly Found[]): TargetGroup {
  const { TargetGroupArn: arn, TargetType: type, IpAddressType, VpcId: vpc } = first?.described ?? {};
  if (first === undefined || arn === undefined) throw missing(group);
  if (second !== undefined) throw ambiguous(group);
  const { described } = first;
  // IPv4 is the default (API reference, CreateTargetGroup).
  const family = IpAddressType === "ipv6" ? "ipv6" : "ipv4";
  if (type === "instance" || type === "ip") {
    return { arn, type, family, vpc, check: checkOf(described), paced: described };
  }
  throw unusable(group, type ?? "unknown");
}

function checkOf({ HealthCheckProtocol, HealthCheckPort, HealthCheckPath: path, Matcher }: Described): GroupCheck {
  const port = /^\d+$/.test(HealthCheckPort ?? "") ? `port ${HealthCheckPort}` : "the port of the target";
  return { by: `${HealthCheckProtocol ?? "a check"} on ${port}`, path, codes: Matcher?.HttpCode ?? Matcher?.GrpcCode };
}

/** One group that does not exist fails the request for all of them: then each is asked for alone. */
async function findNamed(
  elb: ElbV2,
  key: "TargetGroupArns" | "Names",
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Found[]> {
  try {
    const wanted = { [key]: names };
    const { TargetGroups = [] } = await elb.call((sdk) => new sdk.DescribeTargetGroupsCommand(wanted), signal);
    return TargetGroups.map((described) => ({ described, tags: [] }));
  } catch (error) {
    if (!(error instanceof MusterError && isNamed(error.cause, /^TargetGroupNotFound(Exception)?$/))) throw error;
    if (names.length === 1) return [];
    const alone = await Promise.all(names.map((name) => findNamed(elb, key, [name], signal)));
    return alone.flat();
  }
}

/** Every group, with its tags as roles write them. */
async function findTagged(elb: ElbV2, signal: AbortSignal): Promise<readonly Found[]> {
  const all = await allGroups(elb, signal);
  const tagged = new Map<string, readonly string[]>();
  for (let from = 0; from < all.length; from += namesACall) {
    const arns = all.slice(from, from + namesACall).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []);
    const answer = await elb.call((sdk) => new sdk.DescribeTagsCommand({ ResourceArns: arns }), signal);
    for (const { ResourceArn = "", Tags = [] } of answer.TagDescriptions ?? [])
      tagged.set(
        ResourceArn,
        Tags.map(({ Key, Value }) => `tag:${Key}=${Value}`),
      );
  }
  return all.map((described) => ({ described, tags: tagged.get(described.TargetGroupArn ?? "") ?? [] }));
}

async function allGroups(elb: ElbV2, signal: AbortSignal): Promise<readonly Described[]> {
  const groups: Described[] = [];
  let marker: string | undefined;
  do {
    const from = marker === undefined ? {} : { Marker: marker };
    const page: Page = await elb.call((sdk) => new sdk.DescribeTargetGroupsCommand(from), signal);
    groups.push(...(page.TargetGroups ?? []));
    marker = page.NextMarker;
  } while (marker !== undefined && marker !== "");
  return groups;
}

function missing(group: string): MusterError {
  return new MusterError({
    code: "balancer-group-missing",
    message: `There is no target group ${group} in this account and region`,
    hint: "Create it, or correct register.targetGroup in the catalogue.",
    transient: true,
  });
}

function ambiguous(group: string): MusterError {
  return new MusterError({
    code: "balancer-group-ambiguous",
    message: `More than one target group has ${group}`,
    hint: "Name one by its name or ARN, or leave the tag on one of them.",
  });
}

function unusable(group: string, type: string): MusterError {
  return new MusterError({
    code: "balancer-group-unusable",
    message: `The target group ${group} takes targets of type ${type}; an instance joins groups of type instance or ip`,
    hint: "Correct register.targetGroup in the catalogue.",
  });
}

/** @param vpc of the instance */
export function otherVpc(group: string, { vpc: its }: TargetGroup, vpc: string): MusterError {
  return new MusterError({
    code: "balancer-group-unusable",
    message: `The target group ${group} takes instances of ${its}, and this instance is in ${vpc}`,
    hint: "Correct register.targetGroup in the catalogue, or name a target group of type ip.",
  });
}
