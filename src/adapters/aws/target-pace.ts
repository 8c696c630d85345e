// When a target that was just registered can be healthy, by its group's own interval and threshold.
import type { CheckPace } from "../../domain/membership/membership.ts";

/** Of DescribeTargetGroups. */
export type GroupCheckPace = {
  readonly Protocol?: string | undefined;
  readonly HealthCheckIntervalSeconds?: number | undefined;
  readonly HealthCheckTimeoutSeconds?: number | undefined;
  readonly HealthyThresholdCount?: number | undefined;
};

/** Of DescribeLoadBalancers, of a Classic Load Balancer. */
export type ClassicCheckPace = {
  readonly Interval?: number | undefined;
  readonly Timeout?: number | undefined;
  readonly HealthyThreshold?: number | undefined;
};

/** Until the nodes of a balancer know of a registration, about, in milliseconds. */
const registrationMs = 2_000;
/**
 * "It can take a few minutes for the registration process to complete and health checks to start":
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html; users saw 70 to 120 s:
 * https://github.com/aws/containers-roadmap/issues/469
 */
const networkRegistrationMs = 180_000;

/** The shortest and the longest time between two looks at a target that may be healthy by now, in milliseconds. */
const closelyMs = 1_000;
const rarelyMs = 15_000;

/**
 * A new target of an Application Load Balancer "must pass one health check to be considered healthy":
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html. The threshold is
 * for targets that were unhealthy. A Network or Gateway Load Balancer begins when "the targets pass the initial health
 * checks" (its page, above), which are as many as the threshold says:
 * https://codemia.io/knowledge-hub/path/aws_network_elb_take_4_minutes_to_recognise_target_as_healthy
 * @param isThrottled whether the account is short of requests at present
 * @returns undefined if the answer holds no interval and threshold as AWS documents them
 */
export function groupPaceOf(group: GroupCheckPace, isThrottled: boolean): CheckPace | undefined {
  if (group.Protocol === undefined) return undefined;
  const isApplication = /^HTTPS?$/.test(group.Protocol);
  const check = {
    intervalMs: secondsIn(group.HealthCheckIntervalSeconds, 300),
    timeoutMs: secondsIn(group.HealthCheckTimeoutSeconds, 120) ?? 0,
    passes: countIn(group.HealthyThresholdCount),
  };
  return paceOf(check, isApplication, isApplication ? registrationMs : networkRegistrationMs, isThrottled);
}

/**
 * An instance is in service after as many checks as the threshold says:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-healthchecks.html
 * @param isThrottled, and the answer, as of {@link groupPaceOf}
 */
export function classicPaceOf(check: ClassicCheckPace, isThrottled: boolean): CheckPace | undefined {
  const intervalMs = secondsIn(check.Interval, 300);
  const timeoutMs = secondsIn(check.Timeout, 60) ?? 0;
  return paceOf({ intervalMs, timeoutMs, passes: countIn(check.HealthyThreshold) }, false, registrationMs, isThrottled);
}

type Check = {
  readonly intervalMs: number | undefined;
  readonly timeoutMs: number;
  readonly passes: number | undefined;
};

function paceOf(
  { intervalMs, timeoutMs, passes }: Check,
  isOneEnough: boolean,
  latestMs: number,
  isThrottled: boolean,
): CheckPace | undefined {
  if (intervalMs === undefined || passes === undefined) return undefined;
  // The first of the checks comes at once, or within an interval.
  const earliestMs = isOneEnough ? 0 : (passes - 1) * intervalMs;
  const lastMs = earliestMs + intervalMs + timeoutMs + latestMs;
  const longestMs = Math.min(rarelyMs, Math.max(closelyMs, intervalMs / 3));
  if (!isThrottled) return { firstMs: Math.max(closelyMs, earliestMs), lastMs, shortestMs: closelyMs, longestMs };
  // A look that shows nothing takes the token of one that would: the first comes when a target that passes is healthy.
  const firstMs = earliestMs + registrationMs + intervalMs + timeoutMs;
  return { firstMs, lastMs, shortestMs: rarelyMs, longestMs: rarelyMs };
}

function secondsIn(value: number | undefined, most: number): number | undefined {
  return value !== undefined && value >= 1 && value <= most ? value * 1_000 : undefined;
}

/** Elastic Load Balancing API references, "HealthyThresholdCount" and "HealthCheck": from 2 to 10. */
function countIn(value: number | undefined): number | undefined {
  return value !== undefined && value >= 1 && value <= 10 ? value : undefined;
}
