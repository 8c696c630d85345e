import type { LeavePolicy } from "../role/role.ts";

/** The causes of a leave, as `muster drain --dry-run --as` takes them. */
export const leaveReasons = ["drain", "shutdown", "spot", "scale-in", "maintenance"] as const;

export type LeaveReason = (typeof leaveReasons)[number];

/** The steps and times of a leave; all times in milliseconds. */
export type LeavePlan = {
  readonly as: LeaveReason;
  /** The time there is; absent without a limit. */
  readonly withinMs?: number;
  readonly steps: readonly LeaveStep[];
  /** The latest time at which it serves users. */
  readonly outMs: number;
  /** When the machine may go, at the latest; absent if it stays. */
  readonly goneMs?: number;
  /** What there is no time for, and what could not be observed; one sentence each. */
  readonly warnings: readonly string[];
};

export type LeaveStep = {
  /** When the step begins, at the latest. */
  readonly fromMs: number;
  /** How long it may take; 0 for an immediate step. */
  readonly upToMs: number;
  readonly text: string;
};

/** Two minutes' notice, less the time for the hook and the tags. */
const spotMs = 110_000;

/**
 * The time that there is, in milliseconds; Infinity without a limit. Pure.
 * @param shutdownMs the time that systemd gives a shutdown
 */
export function withinFor(as: LeaveReason, { limitMs }: LeavePolicy, shutdownMs: number): number {
  switch (as) {
    case "drain":
      return Infinity;
    case "shutdown":
      return shutdownMs;
    case "spot":
      return spotMs;
    case "scale-in":
    case "maintenance":
      return limitMs;
  }
}
