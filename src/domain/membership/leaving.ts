import type { LeavePolicy } from "../role/role.ts";
import { parseDuration } from "../text/units.ts";

/** The defaults of `leave` in the catalogue, in the form in which people write them. */
export const leaveDefaults = {
  limit: "5m",
  timeout: "30s",
  rebalance: "cordon",
  cordon: "6h",
  maintenance: "drain",
} as const;

/** The leave policy if no run ever knew the role: that of a role that says nothing about it. */
export const usualLeave: LeavePolicy = {
  limitMs: parseDuration(leaveDefaults.limit) ?? 0,
  beforeStop: [],
  rebalance: leaveDefaults.rebalance,
  cordonMs: parseDuration(leaveDefaults.cordon) ?? 0,
  maintenance: leaveDefaults.maintenance,
};

/** How long the servers of a zone may take to apply a change, in milliseconds. */
export const longestSpreadMs = 60_000;

/**
 * The longest time that leaving takes at a shutdown, in milliseconds: systemd is given this, and waits a little longer.
 */
export function shutdownMs(policy: LeavePolicy, drainsMs: readonly number[], ttlsMs: readonly number[]): number {
  const forgotten = ttlsMs.map((ttl) => ttl + longestSpreadMs);
  return Math.min(policy.limitMs, Math.max(0, ...drainsMs, ...forgotten) + wrapUpMs + stopWantedMs(policy));
}

/** How the time for leaving is divided; all in milliseconds, Infinity without a limit. */
export type LeaveTimes = {
  /** How long users are still served, at most. */
  readonly serveMs: number;
  /** The time limit of the pass that leaves: after it, membership stays as it is. */
  readonly reconcileMs: number;
  /** The time that the commands before the stop have at least, if they want it. */
  readonly stopMs: number;
};

/** The time to remove targets and to write tags after the last user was served. */
const wrapUpMs = 5_000;

/**
 * Users are served for the time that the commands before the stop leave, and for half of the limit at least. Pure.
 * @param withinMs the limit for all of it
 * @param stopWantedMs the longest time that the commands may take
 */
export function shareTime(withinMs: number, stopWantedMs: number): LeaveTimes {
  if (withinMs === Infinity) return { serveMs: Infinity, reconcileMs: Infinity, stopMs: stopWantedMs };
  const left = Math.max(0, withinMs);
  const stopMs = Math.min(stopWantedMs, left / 2);
  const reconcileMs = left - stopMs;
  return { serveMs: reconcileMs - Math.min(wrapUpMs, reconcileMs / 4), reconcileMs, stopMs };
}

/** The longest time that the commands before the stop may take, in milliseconds. */
export function stopWantedMs({ beforeStop }: Pick<LeavePolicy, "beforeStop">): number {
  return beforeStop.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
}
