/** While it lasts nothing is done by schedule and nothing leaves for failing health; what a person asks for is done. */
export type Pause = {
  /** One plain sentence. */
  readonly reason: string;
  /** The login name of who asked. */
  readonly by: string;
  /** ISO 8601. */
  readonly since: string;
  /** ISO 8601. */
  readonly until: string;
};

/** What somebody asks for. */
export type PauseRequest = Pick<Pause, "reason" | "by"> & {
  /** How long it lasts, in milliseconds: more than nothing, at most {@link longestPauseMs}. */
  readonly forMs: number;
};

export const usualPauseMs = 3_600_000;

/** Nobody forgets a pause for longer than this. */
export const longestPauseMs = 24 * 3_600_000;

export type PauseOver = "resumed" | "expired";

/** As the instance's tags have it, for whoever looks at many instances; undefined without a pause. */
export function pauseTag(pause: Pause | undefined): string | undefined {
  return pause && `until ${pause.until.slice(0, 19)}Z by ${pause.by}: ${pause.reason}`;
}

/** A pause, and by which boot's clock it was begun. */
export type TimedPause = Pause & {
  readonly bootId: string;
  /** When it is over, in milliseconds since that boot. */
  readonly untilUpMs: number;
};

/** A moment as both clocks of the machine have it. */
export type Moment = { readonly now: Date; readonly upMs: number; readonly bootId: string };

/**
 * How long a pause still lasts, in milliseconds; 0 when it is over. In its own boot time is reckoned since the boot,
 * which no correction of the clock moves. In a later one the wall clock has to do, and a pause that begins in its
 * future is none.
 */
export function leftOfPause(pause: TimedPause, { now, upMs, bootId }: Moment): number {
  if (pause.bootId === bootId) return Math.max(0, pause.untilUpMs - upMs);
  if (now.getTime() < Date.parse(pause.since)) return 0;
  return Math.max(0, Date.parse(pause.until) - now.getTime());
}
