/** The word that ends a hook's wait: the transition goes on, or the group gives the instance up. */
export type HookResult = "continue" | "abandon";

/** A launch or termination hook that waits for this instance. */
export type PendingHook = {
  readonly name: string;
  readonly transition: "launching" | "terminating";
  /** Seconds that one heartbeat buys. */
  readonly heartbeatSeconds: number;
  /** Seconds after which the hook stops waiting, from the start of the wait. */
  readonly globalSeconds: number;
  /** What Auto Scaling does at the end of the time-out. */
  readonly defaultResult: HookResult;
};

/** The remaining step before the group lets this instance serve. */
export type PendingLaunch = {
  /** As `Complete launch hook ready of Auto Scaling group web with CONTINUE`. */
  readonly what: string;
  /** Performs the step. Idempotent. */
  complete(signal: AbortSignal): Promise<void>;
};

/**
 * Where the group has this instance, in muster's words: the adapter translates the cloud's, and a word that it does not
 * know is `other`.
 */
export type GroupState =
  /** It starts, and no launch hook waits yet. */
  | "launching"
  | "launch-waiting"
  /** Every launch hook is completed; the group is about to count it as in service. */
  | "launch-completed"
  | "in-service"
  | "entering-standby"
  | "standby"
  /** It goes into the warm pool, and no launch hook waits yet. */
  | "warm-launching"
  | "warm-launch-waiting"
  /** In the warm pool: stopped, running or hibernated. */
  | "warm"
  /** The group takes it out of its own target groups; no termination hook waits yet. */
  | "terminating"
  | "termination-waiting"
  | "terminated"
  | "detached"
  | "other";

/** The target state of this instance in its group. */
export type GroupTarget = "in-service" | "standby" | "warm" | "terminated" | "detached" | "other";

/** The state of this instance in its Auto Scaling group. */
export type GroupMembership = {
  readonly group: string;
  readonly state: GroupState;
  /** Where the group itself registers its instances: ARNs of target groups, and names of Classic Load Balancers. */
  readonly attachedTargetGroups: readonly string[];
  /** Muster's own hooks of the present transition; empty if none waits. */
  readonly pending: readonly PendingHook[];
  /** Hooks of the present transition, where it has several and no setting says which are muster's; absent: none. */
  readonly unclaimed?: readonly PendingHook[];
  /** Names of the hooks of the present transition that other programs complete; absent: none. */
  readonly others?: readonly string[];
  /** Whether muster has a launch hook in the group: without one, gates cannot hold the instance. */
  readonly hasLaunchHook: boolean;
};

/**
 * The group that launched this instance, where one did.
 *
 * Contract: `observe` costs nothing on an instance that no group launched. Completing what is completed, or does not
 * wait yet ("No active Lifecycle Action found"), is no error; nor is going where the instance already is, or is
 * on its way to. Errors that pass are transient.
 */
export interface Lifecycle {
  /** The target state in the group, without a call to its API; undefined if the metadata does not say. */
  target(signal: AbortSignal): Promise<GroupTarget | undefined>;
  /** Undefined outside Auto Scaling. */
  observe(signal: AbortSignal): Promise<GroupMembership | undefined>;
  /** Extends the wait of a hook by its heartbeat. */
  heartbeat(group: string, hook: string, signal: AbortSignal): Promise<void>;
  /** @returns false where no such hook was found waiting: it is completed, its time is over, or it does not wait yet */
  complete(group: string, hook: string, result: HookResult, signal: AbortSignal): Promise<boolean>;
  /** Where the group has this instance now, by one call; undefined outside Auto Scaling. */
  state(signal: AbortSignal): Promise<GroupState | undefined>;
  /**
   * Asks the group to let this instance out of service for a while: it takes it out of the attached target groups,
   * launches no replacement (the desired capacity is one less), and ignores its health. Resolves when the group has
   * agreed, which is before the move is done: `observe` tells `entering-standby`, then `standby`. Runs call
   * `standAside`, which records on disk that the standby is the instance's own.
   * @throws MusterError `standby-refused` where the group would be smaller than its minimum
   */
  enterStandby(group: string, signal: AbortSignal): Promise<void>;
  /**
   * The way back, through `launching` to `in-service`: the group registers the instance in the attached target groups
   * again. No launch hook waits, as none does for an instance that was launched before.
   */
  exitStandby(group: string, signal: AbortSignal): Promise<void>;
  /** Reports this instance as unhealthy to its group, which replaces it, in its grace period too. */
  setUnhealthy(signal: AbortSignal): Promise<void>;
}
