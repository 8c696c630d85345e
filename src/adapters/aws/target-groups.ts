import { MusterError } from "../../domain/errors/errors.ts";
import { isNamed } from "./failure.ts";
import type { ElbV2 } from "./services.ts";

/** The facts of a target group that registering needs. */
export type TargetGroup = {
  readonly arn: string;
  /** How it identifies its targets. */
  readonly type: "instance" | "ip";
  /** Of the addresses that it takes. */
  readonly family: "ipv4" | "ipv6";
  readonly check: GroupCheck;
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

type Described = {
  readonly TargetGroupArn?: string | undefined;
  readonly TargetType?: string | undefined;
  readonly IpAddressType?: string | undefined;
  readonly HealthCheckProtocol?: string | undefined;
  readonly HealthCheckPort?: string | undefined;
  readonly HealthCheckPath?: string | undefined;
  readonly Matcher?: { readonly HttpCode?: string | undefined; readonly GrpcCode?: string | undefined } | undefined;
};

type Page = { readonly TargetGroups?: readonly Described[] | undefined; readonly NextMarker?: string | undefined };

/** The most resources of one DescribeTags call. */
const arnsACall = 20;

/**
 * The group of that name, of that ARN, or with that tag (`tag:KEY=VALUE`).
 * @throws MusterError `balancer-group-missing` (transient: it may be created at this moment),
 * `balancer-group-ambiguous`, `balancer-group-unusable`
 */
export async function findTargetGroup(elb: ElbV2, group: string, signal: AbortSignal): Promise<TargetGroup> {
  const found = group.startsWith("tag:")
    ? await findByTag(elb, group.slice("tag:".length), signal)
    : await findByName(elb, group, signal);
  const [first, second] = found;
  if (first?.TargetGroupArn === undefined) throw missing(group);
  if (second !== undefined) throw ambiguous(group);
  const { TargetGroupArn: arn, TargetType: type, IpAddressType } = first;
  // IPv4 is the default (API reference, CreateTargetGroup).
  const family = IpAddressType === "ipv6" ? "ipv6" : "ipv4";
  if (type === "instance" || type === "ip") return { arn, type, family, check: checkOf(first) };
  throw unusable(group, type ?? "unknown");
}

function checkOf({ HealthCheckProtocol, HealthCheckPort, HealthCheckPath: path, Matcher }: Described): GroupCheck {
  const port = /^\d+$/.test(HealthCheckPort ?? "") ? `port ${HealthCheckPort}` : "the port of the target";
  return { by: `${HealthCheckProtocol ?? "a check"} on ${port}`, path, codes: Matcher?.HttpCode ?? Matcher?.GrpcCode };
}

async function findByName(elb: ElbV2, group: string, signal: AbortSignal): Promise<readonly Described[]> {
  const wanted = group.startsWith("arn:") ? { TargetGroupArns: [group] } : { Names: [group] };
  try {
    const answer = await elb.call((sdk) => new sdk.DescribeTargetGroupsCommand(wanted), signal);
    // An empty list would make AWS answer with all groups: ignore those that were not requested.
    return (answer.TargetGroups ?? []).filter((one) => one.TargetGroupName === group || one.TargetGroupArn === group);
  } catch (error) {
    if (error instanceof MusterError && isNamed(error.cause, /^TargetGroupNotFound(Exception)?$/)) return [];
    throw error;
  }
}

async function findByTag(elb: ElbV2, wanted: string, signal: AbortSignal): Promise<readonly Described[]> {
  const at = wanted.indexOf("=");
  const [key, value] = [wanted.slice(0, at), wanted.slice(at + 1)];
  const all = await allGroups(elb, signal);
  const matching = new Set<string>();
  for (let from = 0; from < all.length; from += arnsACall) {
    const arns = all.slice(from, from + arnsACall).flatMap(({ TargetGroupArn }) => TargetGroupArn ?? []);
    const answer = await elb.call((sdk) => new sdk.DescribeTagsCommand({ ResourceArns: arns }), signal);
    for (const { ResourceArn, Tags = [] } of answer.TagDescriptions ?? []) {
      const tagged = Tags.some((tag) => tag.Key === key && tag.Value === value);
      if (tagged && ResourceArn !== undefined) matching.add(ResourceArn);
    }
  }
  return all.filter(({ TargetGroupArn }) => TargetGroupArn !== undefined && matching.has(TargetGroupArn));
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
