import type { RebootPolicy } from "./role.ts";

/** At most so many planned reboots until a run has come to a good end: what asks again and again is broken. */
export const rebootBudget = 2;

/** Whether something asks for a reboot, in plain words. */
export type RebootNeed = {
  readonly required: boolean;
  readonly reasons: readonly string[];
};

/** What a reboot is decided by. */
export type RebootCase = {
  readonly policy: RebootPolicy;
  readonly need: RebootNeed;
  /** Whether this run changed packages. */
  readonly changed: boolean;
  /** Planned reboots of this run so far. */
  readonly ofRun: number;
  /** Planned reboots since a run came to a good end. */
  readonly spent: number;
  /** Why one was planned in this boot that has not come yet; undefined when none was. */
  readonly underWay: readonly string[] | undefined;
  /** Why this run may not reboot, whatever the policy says; undefined when it may. */
  readonly objection: string | undefined;
};

export type RebootDecision =
  | { readonly kind: "go-on" }
  | { readonly kind: "reboot"; readonly reasons: readonly string[] }
  /** One is due and this run may not make it. */
  | { readonly kind: "refuse"; readonly why: string }
  /** One is due, and so many were made before that another would not help. */
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
