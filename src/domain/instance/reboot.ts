import type { RebootPolicy } from "../role/role.ts";

/** The most planned reboots until a run ends well: a reboot that is asked for again and again does not help. */
export const rebootBudget = 2;

/** Whether the machine needs a reboot, in plain words. */
export type RebootNeed = {
  readonly required: boolean;
  readonly reasons: readonly string[];
};

/** The inputs of the reboot decision. */
export type RebootCase = {
  readonly policy: RebootPolicy;
  readonly need: RebootNeed;
  /** Whether this run changed packages. */
  readonly changed: boolean;
  /** Planned reboots of this run so far. */
  readonly ofRun: number;
  /** Planned reboots since the last run that ended well. */
  readonly spent: number;
  /** Why a reboot was planned in this boot and has not come yet; undefined if none was. */
  readonly underWay: readonly string[] | undefined;
  /** Why this run may not reboot, whatever the policy says; undefined if it may. */
  readonly objection: string | undefined;
};

export type RebootDecision =
  | { readonly kind: "go-on" }
  | { readonly kind: "reboot"; readonly reasons: readonly string[] }
  /** A reboot is due and this run may not make it. */
  | { readonly kind: "refuse"; readonly why: string }
  /** A reboot is due, but so many were made that another would not help. */
  | { readonly kind: "spent"; readonly reasons: readonly string[] };

/** Whether the run reboots now. */
export function decideReboot(given: RebootCase): RebootDecision {
  const { policy, need, underWay, objection } = given;
  if (underWay !== undefined) return { kind: "reboot", reasons: underWay };
  const always = policy === "always" && given.changed && given.ofRun === 0;
  if (!need.required && !always) return { kind: "go-on" };
  const reasons = need.required ? need.reasons : ["packages were changed, and the catalogue says reboot: always"];
  if (policy === "never") return { kind: "refuse", why: "the catalogue says reboot: never" };
  if (objection !== undefined) return { kind: "refuse", why: objection };
  return given.spent >= rebootBudget ? { kind: "spent", reasons } : { kind: "reboot", reasons };
}
