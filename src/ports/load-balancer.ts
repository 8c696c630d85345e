import type { CheckPace, GroupHealth, Target, TargetState } from "../domain/membership/membership.ts";

/**
 * A balancer that an instance can join.
 *
 * Contract: every operation is idempotent and may be done again after a kill at any point. `healthy` is the
 * balancer's own opinion, never ours. Errors that pass (time-out, throttle, refused) are transient; a group
 * that does not exist is `balancer-group-missing` (transient: it may be created at this moment).
 */
export interface LoadBalancer {
  /**
   * Whether the target's group exists and takes this instance, as far as a look tells. Changes nothing, and keeps what it
   * looked up.
   * @throws MusterError `balancer-group-missing`, `balancer-group-ambiguous`, `balancer-group-unusable`
   */
  check(target: Target, signal: AbortSignal): Promise<void>;
  observe(target: Target, signal: AbortSignal): Promise<TargetState>;
  /** Adds the target, or corrects it if it is `wrong` or `draining`; returns when the request was accepted. */
  register(target: Target, signal: AbortSignal): Promise<void>;
  /** The health of the target's group, with or without the target in it: what serves users when the target leaves. */
  groupHealth(target: Target, signal: AbortSignal): Promise<GroupHealth>;
  /** Stops new connections and lets open ones go on. No-op if absent. */
  drain(target: Target, signal: AbortSignal): Promise<void>;
  /**
   * The balancer's own name for the target's group (an ARN), if it differs from ours.
   * @param among the names that are in question: where they say it by themselves, no request is made
   */
  identify?(target: Target, signal: AbortSignal, among?: readonly string[]): Promise<string | undefined>;
  /**
   * When a look at the target of a registration can show something, as far as an answer told how the group checks;
   * undefined: not known. Takes no request.
   */
  pace?(target: Target): CheckPace | undefined;
  /**
   * Every member of the target's group that the balancer knows by instance, except draining ones; empty if it knows
   * members by address.
   */
  roster?(target: Target, signal: AbortSignal): Promise<readonly Target[]>;
  /**
   * How many members the target's group had in the last answer that showed them all; undefined if none did. Takes no
   * request: `observe` asks for the whole group now and then.
   */
  size?(target: Target): number | undefined;
  /** Removes the target, even with open connections. No-op if absent. */
  remove(target: Target, signal: AbortSignal): Promise<void>;
}
