import type { Role } from "./role.ts";

/** What the daemon does for a role at times of its schedule. */
export const scheduleNames = ["converge", "check", "fetch", "sweep"] as const;

export type ScheduleName = (typeof scheduleNames)[number];

/** When something is done again and again. */
export type Times = {
  /** What an instance's offset hangs on beside its id: two schedules do not move together. */
  readonly name: string;
  /** A cron expression of five fields, in local time. */
  readonly expression: string;
  /** How far apart the instances of a fleet do it, in milliseconds. */
  readonly splayMs: number;
};

/** The times of one schedule of a role; undefined when it has none. */
export function timesOf({ schedule }: Role, name: ScheduleName): Times | undefined {
  const expression = schedule[name];
  return expression === undefined ? undefined : { name, expression, splayMs: schedule.splayMs ?? 0 };
}
