import type { TargetState } from "../../domain/membership/membership.ts";

/** The health of one instance, as DescribeInstanceHealth of a Classic Load Balancer answers. */
export type InstanceHealth = {
  readonly State?: string | undefined;
  readonly Description?: string | undefined;
};

/**
 * One reason code ("Instance") stands for every problem of an instance, so the description decides. Its texts: Elastic
 * Load Balancing API reference 2012-06-01, "InstanceState".
 */
const meanings: readonly (readonly [RegExp, TargetState["kind"], string])[] = [
  [/not currently registered/i, "absent", "is not registered"],
  [/deregistration currently in progress/i, "draining", "is being deregistered"],
  [/registration is still in progress/i, "starting", "is being registered"],
  [/has not passed the configured HealthyThreshold/i, "starting", "has not yet passed enough health checks in a row"],
  [/failed at least the UnhealthyThreshold/i, "unhealthy", "fails the health check"],
  [/is in (stopped|terminated|pending|stopping|shutting-down) state/i, "unhealthy", "does not run"],
  [
    /Availability Zone .{0,300}(not configured|Disable)|Disable Availability Zone/i,
    "unhealthy",
    "is in a zone that the balancer has not enabled",
  ],
  [/transient error/i, "starting", "cannot be judged because of an error inside the load balancer"],
];

/**
 * An instance's state in the port's terms.
 * @param check the balancer's check, as `HTTP:80/healthz`
 */
export function instanceStateOf(group: string, health: InstanceHealth, check: string): TargetState {
  const { State, Description = "" } = health;
  const [, kind, words] = meanings.find(([said]) => said.test(Description)) ?? [];
  if (kind === "absent" || kind === "draining") return { kind };
  if (State === "InService") return { kind: "healthy" };
  const said = Description === "" ? "" : ` ("${Description.slice(0, 200)}")`;
  const asked = /check/.test(words ?? "") ? `; the check is ${check}` : "";
  const reason = `${group}: the instance ${words ?? `is ${State ?? "in no known state"}`}${said}${asked}`;
  return { kind: kind === "starting" || State === "Unknown" ? "starting" : "unhealthy", reason };
}
