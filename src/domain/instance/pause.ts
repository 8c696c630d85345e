/**
 * During a pause nothing runs by schedule, and the instance does not leave for failing health; requests of operators
 * are carried out.
 */
export type Pause = {
  /** One plain sentence. */
  readonly reason: string;
  /** The login name of the user who asked. */
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601. */
  readonly until: string;
};

/** A request for a pause. */
export type PauseRequest = Pick<Pause, "reason" | "by"> & {
  /** How long it lasts, in milliseconds: more than 0, at most {@link longestPauseMs}. */
  readonly forMs: number;
};

export const usualPauseMs = 3_600_000;

/** A forgotten pause ends after this time. */
export const longestPauseMs = 24 * 3_600_000;

export type PauseOver = "resumed" | "expired";

/** The value of the instance's tag, for views of many instances; undefined without a pause. */
export function pauseTag(pause: Pause | undefined): string | undefined {
  return pause && `until ${pause.until.slice(0, 19)}Z by ${pause.by}: ${pause.reason}`;
}

/** A pause with the boot whose clock it began by. */
export type TimedPause = Pause & {
  readonly bootId: string;
  /** When it is over, in milliseconds since that boot. */
  readonly untilUpMs: number;
};

/** A moment on both clocks of the machine. */
export type Moment = { readonly now: Date; readonly upMs: number; readonly bootId: string };

/**
 * How long a pause still lasts, in milliseconds; 0 when it is over. Within its own boot, the time since the boot
 * counts, which no clock correction moves. In a later boot the wall clock has to do, and a pause that begins in the
 * future does not count.
 */
export function leftOfPause(pause: TimedPause, { now, upMs, bootId }: Moment): number {
  if (pause.bootId === bootId) return Math.max(0, pause.untilUpMs - upMs);
  if (now.getTime() < Date.parse(pause.since)) return 0;
  return Math.max(0, Date.parse(pause.until) - now.getTime());
}
