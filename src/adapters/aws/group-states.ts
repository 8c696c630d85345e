import type { GroupState, GroupTarget, PendingHook } from "../../ports/lifecycle.ts";

/**
 * Lifecycle states in muster's words. Source: Amazon EC2 Auto Scaling User Guide, "Amazon EC2 Auto Scaling instance
 * lifecycle", and `LifecycleState` in the API Reference.
 */
const states: Readonly<Record<string, GroupState>> = {
  Pending: "launching",
  "Pending:Wait": "launch-waiting",
  "Pending:Proceed": "launch-completed",
  InService: "in-service",
  EnteringStandby: "entering-standby",
  Standby: "standby",
  "Warmed:Pending": "warm-launching",
  "Warmed:Pending:Wait": "warm-launch-waiting",
  "Warmed:Pending:Proceed": "warm",
  "Warmed:Pending:Retained": "warm",
  "Warmed:Stopped": "warm",
  "Warmed:Running": "warm",
  "Warmed:Hibernated": "warm",
  Terminating: "terminating",
  "Warmed:Terminating": "terminating",
  "Terminating:Wait": "termination-waiting",
  "Warmed:Terminating:Wait": "termination-waiting",
  "Terminating:Proceed": "terminated",
  "Terminating:Retained": "terminated",
  "Warmed:Terminating:Proceed": "terminated",
  "Warmed:Terminating:Retained": "terminated",
  Terminated: "terminated",
  "Warmed:Terminated": "terminated",
  Detaching: "detached",
  Detached: "detached",
  Quarantined: "other",
  ReplacingRootVolume: "other",
  "ReplacingRootVolume:Wait": "other",
  "ReplacingRootVolume:Proceed": "other",
  RootVolumeReplaced: "other",
};

/** Whether AWS documents this state: an unknown one is `other`, and said. */
export function isKnownState(word: string): boolean {
  return Object.hasOwn(states, word);
}

/** What an unknown state counts as, for people. */
export const otherState = "one in which the group lets the instance neither in nor out, and waits for nothing";

/** @param word `LifecycleState` as DescribeAutoScalingInstances answers */
export function groupStateOf(word: string): GroupState {
  return Object.hasOwn(states, word) ? (states[word] ?? "other") : "other";
}

/**
 * Source: "Retrieve the target lifecycle state through instance metadata".
 * @param word as `meta-data/autoscaling/target-lifecycle-state` says
 */
export function groupTargetOf(word: string): GroupTarget {
  const state = groupStateOf(word);
  switch (state) {
    case "in-service":
    case "standby":
    case "warm":
    case "terminated":
    case "detached":
      return state;
    default:
      return "other";
  }
}

/** Which hooks wait in this state. */
export function transitionOf(state: GroupState): PendingHook["transition"] | undefined {
  if (state === "launch-waiting" || state === "warm-launch-waiting") return "launching";
  return state === "termination-waiting" ? "terminating" : undefined;
}
