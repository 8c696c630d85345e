import type { TargetState } from "../../domain/membership/membership.ts";
import type { GroupCheck } from "./target-groups.ts";
import type { OnUnknown } from "./unknown-values.ts";

/** One target in the answer of DescribeTargetHealth. */
export type TargetHealth = {
  readonly State?: string | undefined;
  readonly Reason?: string | undefined;
  readonly Description?: string | undefined;
};

/**
 * The reason codes in plain words: Elastic Load Balancing API reference, "TargetHealth". An unknown code is shown as it
 * is, with AWS's own description.
 */
const words: Readonly<Record<string, string>> = {
  "Elb.RegistrationInProgress": "is being registered",
  "Elb.InitialHealthChecking": "has its first health checks under way",
  "Elb.InternalError": "cannot be checked because of an error inside the load balancer",
  "Target.NotInUse": "is in a target group that no load balancer uses, or in a zone that the balancer has not enabled",
  "Target.InvalidState": "is in an instance that is stopped or terminated",
  "Target.IpUnusable": "has an address that the load balancer uses itself",
  "Target.HealthCheckDisabled": "is not checked: health checks are switched off",
};

/** The result that the check itself got: a person compares it with the instance's own checks. */
const got: Readonly<Record<string, (description: string) => string>> = {
  // "Health checks failed with these codes: [404]"
  "Target.ResponseCodeMismatch": (said) => /\[([0-9, ]+)\]/.exec(said)?.[1] ?? "a status that is not expected",
  "Target.Timeout": () => "no answer in time",
  "Target.FailedHealthChecks": () => "no connection, or an answer that is none",
};

/**
 * A target's state in the port's terms.
 * @param check the group's health check
 */
export function targetStateOf(group: string, health: TargetHealth, check: GroupCheck): TargetState {
  const reason = `${group}: ${wordsFor(health, check)}`;
  if (isHealthy(health)) return { kind: "healthy" };
  if (isDraining(health)) return { kind: "draining" };
  switch (health.State) {
    // `unavailable`: the balancer itself cannot tell.
    case "initial":
    case "unavailable":
      return { kind: "starting", reason };
    case "unused":
      return health.Reason === "Target.NotRegistered" ? { kind: "absent" } : { kind: "unhealthy", reason };
    default:
      return { kind: "unhealthy", reason };
  }
}

/**
 * Whether users are sent there. `unavailable` is healthy only where the group makes no checks; with any other reason, as
 * `Elb.InternalError` of a Network Load Balancer, the health is unknown.
 */
export function isHealthy(health: TargetHealth | undefined): boolean {
  if (health?.State === "healthy") return true;
  return health?.State === "unavailable" && health.Reason === "Target.HealthCheckDisabled";
}

export function isDraining(health: TargetHealth | undefined): boolean {
  return health?.State === "draining" || health?.State === "unhealthy.draining";
}

const states: readonly (string | undefined)[] = [
  ...["initial", "healthy", "unhealthy", "unhealthy.draining", "unused", "draining", "unavailable"],
  undefined,
];
const reasons: readonly (string | undefined)[] = [
  ...Object.keys(words),
  ...Object.keys(got),
  ...["Target.NotRegistered", "Target.DeregistrationInProgress"],
  ...["", undefined],
];

/** Says the words of a target that this version does not know. */
export function sayUnknown(group: string, { State, Reason }: TargetHealth, onUnknown: OnUnknown): void {
  if (!states.includes(State)) onUnknown(`The state of a target in ${group}`, State ?? "", "not healthy");
  if (!reasons.includes(Reason)) {
    onUnknown(
      `The reason of a target's state in ${group}`,
      Reason ?? "",
      `nothing more than its state, ${State ?? "none"}`,
    );
  }
}

function wordsFor({ State, Reason, Description }: TargetHealth, { by, path, codes }: GroupCheck): string {
  const seen = got[Reason ?? ""]?.(Description ?? "");
  if (seen !== undefined) {
    const where = path === undefined ? "" : ` on ${path}`;
    const wanted = codes === undefined ? "" : `, expects ${codes}`;
    return `the target group's health check gets ${seen}${where} (${by}${wanted}) [${Reason}]`;
  }
  const known = Reason === undefined ? undefined : words[Reason];
  const said = Description === undefined || Description === "" ? "" : ` ("${Description.slice(0, 200)}")`;
  return `the target ${known ?? `is ${State ?? "in no known state"}`}${said}${Reason === undefined ? "" : ` [${Reason}]`}`;
}
