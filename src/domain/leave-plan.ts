import type { LeavePolicy } from "./role.ts";

/** What one can leave for, as `muster drain --dry-run --as` takes it. */
export const leaveReasons = ["drain", "shutdown", "spot", "scale-in", "maintenance"] as const;

export type LeaveReason = (typeof leaveReasons)[number];

/** What leaving would do, and by when; all times in milliseconds. */
export type LeavePlan = {
  readonly as: LeaveReason;
  /** The time there is; absent without a limit. */
  readonly withinMs?: number;
  readonly steps: readonly LeaveStep[];
  /** The latest time at which it serves users. */
  readonly outMs: number;
  /** When the machine may go, at the most; absent where it does not. */
  readonly goneMs?: number;
  /** What there is no time for, and what could not be looked at; one sentence each. */
  readonly warnings: readonly string[];
};

export type LeaveStep = {
  /** From when on, at the most. */
  readonly fromMs: number;
  /** How long it may take; 0 for what is done at once. */
  readonly upToMs: number;
  readonly text: string;
};

/** Two minutes' notice, less what the hook and the tags take. */
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
