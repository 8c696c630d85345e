/**
 * What the agent knows of the Auto Scaling group that launched this instance, and what it tells that group.
 *
 *   hooks.ts         which lifecycle hooks wait for this instance, or are about to
 *   heartbeats.ts    keeps those hooks waiting while work goes on
 *   answer-hooks.ts  completes hooks until the group has moved on
 *   launch-hook.ts   completes launch hooks after the gates; marks the targets that the group registers by itself
 *   standby.ts       the standby that the agent asked for itself
 *   termination.ts   completes termination hooks after the instance has left
 *   replacement.ts   asks the group for another instance
 *
 * The folder works through ports/lifecycle.ts and imports domain, lib and ports alone. Runs and the daemon call it. The
 * reconciler of membership gets a PendingLaunch from it and completes that as one step of its plan. The words of the
 * cloud end in adapters/aws/group-states.ts: a state here is a GroupState.
 */
import type { GroupMembership, PendingHook } from "../ports/lifecycle.ts";

/** The launch hooks that wait now. */
export function launchHooks(group: GroupMembership | undefined): readonly PendingHook[] {
  return (group?.pending ?? []).filter(({ transition }) => transition === "launching");
}

/** The termination hooks that wait now. */
export function terminationHooks(group: GroupMembership | undefined): readonly PendingHook[] {
  return (group?.pending ?? []).filter(({ transition }) => transition === "terminating");
}

/** Whether launch hooks may wait for this instance, and do not yet: a new hook may not be known everywhere. */
export function isAboutToWait({ state }: GroupMembership): boolean {
  return state === "launching" || state === "warm-launching";
}

/** Whether the group takes the instance out of its own target groups, before any termination hook waits. */
export function isBeingTakenOut({ state }: GroupMembership): boolean {
  return state === "terminating";
}

/** As `launch hook ready of Auto Scaling group web`. */
export function launchHooksText({ group }: GroupMembership, hooks: readonly PendingHook[]): string {
  return `launch hook ${hooks.map(({ name }) => name).join(", ")} of Auto Scaling group ${group}`;
}
