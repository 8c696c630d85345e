// What AWS says of instances: the target group, the zone, the calls that it got.
import { expect } from "vitest";

import type { EmulatedInstance } from "../../lab/aws-front/fleet.ts";
import type { Call } from "../../lab/aws-front/front.ts";
import { zone } from "../../lab/services/services.ts";
import { type Load, startLoad } from "./load.ts";
import { backend } from "./outside.ts";
import type { AwsWorld } from "./aws-world.ts";

/** The zone's records as `TYPE NAME VALUE…`, without its own and without ownership. */
export function publishedInRoute53(world: AwsWorld): string[] {
  return allRecords(world).filter((record) => !record.includes(" _muster."));
}

/** The records that say whose the others are. */
export function ownership(world: AwsWorld): string[] {
  return allRecords(world).filter((record) => record.includes(" _muster."));
}

function allRecords({ aws }: AwsWorld): string[] {
  return aws.route53.records(zone).map(({ type, name, values }) => [type, name, ...values].join(" "));
}

/** `healthy`, `unhealthy Target.Timeout`, `unused Target.NotRegistered`… */
export function targetHealth({ aws, targetGroup }: AwsWorld, { id }: EmulatedInstance): Promise<string> {
  return aws.targets.health(targetGroup, { id });
}

/** Neither a target nor a record, nor an attempt at one. */
export async function expectNothingInAws(world: AwsWorld, ec2: EmulatedInstance): Promise<void> {
  expect(await targetHealth(world, ec2)).toBe("unused Target.NotRegistered");
  expect(publishedInRoute53(world)).toEqual([]);
}

/** The page as a user of the load balancer gets it. */
export async function pageThroughTargetGroup({ aws }: AwsWorld): Promise<string> {
  const { status, body } = await aws.balancer.get("/", { host: backend });
  expect(status, body).toBe(200);
  return body;
}

/** Users of the load balancer, all the time. */
export function startAwsLoad({ aws }: AwsWorld): Load {
  return startLoad({ services: { haproxy: aws.balancer } }, { host: backend });
}

const polls = "elasticloadbalancing:DescribeTargetHealth";

/** The calls in their order, polls of target health left out. */
export function operations(calls: readonly Call[]): string[] {
  return calls.map(({ operation }) => operation).filter((operation) => operation !== polls);
}

/** Of those what changes anything, heartbeats aside. */
export function writes(calls: readonly string[]): string[] {
  return calls.filter((operation) => !/:(Describe|Get|List|RecordLifecycleActionHeartbeat)/.test(operation));
}

/** What instances wrote about themselves. */
export async function stateTags({ aws }: AwsWorld, { id }: EmulatedInstance): Promise<Record<string, string>> {
  return { ...(await aws.backstage.tagsOf(id)) };
}
