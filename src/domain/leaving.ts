import type { LeavePolicy } from "./role.ts";

/** Where no run ever knew its role. */
export const usualLeave: LeavePolicy = {
  limitMs: 300_000,
  beforeStop: [],
  rebalance: "cordon",
  maintenance: "drain",
};

/** How long the servers of a zone may take to take a change over, in milliseconds. */
export const longestSpreadMs = 60_000;

/** The longest time that leaving takes at a shutdown, in milliseconds: systemd is told, and waits a little longer. */
export function shutdownMs(policy: LeavePolicy, drainsMs: readonly number[], ttlsMs: readonly number[]): number {
  const forgotten = ttlsMs.map((ttl) => ttl + longestSpreadMs);
  return Math.min(policy.limitMs, Math.max(0, ...drainsMs, ...forgotten) + wrapUpMs + stopWantedMs(policy));
}

/** How the time there is for leaving is shared out; all in milliseconds, Infinity where nobody hurries. */
export type LeaveTimes = {
  /** The longest time that users are still served. */
  readonly serveMs: number;
  /** When membership has to be settled, or is left as it is. */
  readonly settleMs: number;
  /** What the commands before the stop have at the least, if they want it. */
  readonly stopMs: number;
};

/** To take targets away and to write tags after the last user was served. */
const wrapUpMs = 5_000;

/**
 * Users are served for what the commands before the stop leave of the time, and for half of it at the least. Pure.
 * @param withinMs the time there is for all of it
 * @param stopWantedMs the longest time that the commands may take
 */
export function shareTime(withinMs: number, stopWantedMs: number): LeaveTimes {
  if (withinMs === Infinity) return { serveMs: Infinity, settleMs: Infinity, stopMs: stopWantedMs };
  const left = Math.max(0, withinMs);
  const stopMs = Math.min(stopWantedMs, left / 2);
  const settleMs = left - stopMs;
  return { serveMs: settleMs - Math.min(wrapUpMs, settleMs / 4), settleMs, stopMs };
}

/** The longest time that the commands before the stop may take, in milliseconds. */
export function stopWantedMs({ beforeStop }: Pick<LeavePolicy, "beforeStop">): number {
  return beforeStop.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0);
}
