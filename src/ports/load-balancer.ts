import type { GroupHealth, Target, TargetState } from "../domain/membership.ts";

/**
 * A balancer that an instance can join.
 *
 * Contract: every operation is idempotent and may be done again after a kill at any point. `healthy` is the
 * balancer's own opinion, never ours. Errors that pass (time-out, throttle, refused) are transient; a group
 * that does not exist is `balancer-group-missing` (transient: it may be created at this moment).
 */
export interface LoadBalancer {
  observe(target: Target, signal: AbortSignal): Promise<TargetState>;
  /** Adds the target, or corrects it when it is `wrong` or `draining`; returns when the request was taken. */
  register(target: Target, signal: AbortSignal): Promise<void>;
  /** The health of the target's group, with or without the target in it: what serves users when the target leaves. */
  groupHealth(target: Target, signal: AbortSignal): Promise<GroupHealth>;
  /** Stops new connections and lets the open ones go on. No-op when absent. */
  drain(target: Target, signal: AbortSignal): Promise<void>;
  /** What the balancer itself calls the target's group (an ARN), where that is another name than ours. */
  identify?(target: Target, signal: AbortSignal): Promise<string>;
  /**
   * Every member of the target's group that the balancer knows by its instance, those that leave it apart; none where
   * it knows them by something else.
   */
  roster?(target: Target, signal: AbortSignal): Promise<readonly Target[]>;
  /** Takes the target away, open connections or not. No-op when absent. */
  remove(target: Target, signal: AbortSignal): Promise<void>;
}
