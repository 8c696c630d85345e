import type { Role } from "./role.ts";

/** What the daemon does for a role at times of its schedule. */
export const scheduleNames = ["converge", "drift", "fetch", "sweep"] as const;

export type ScheduleName = (typeof scheduleNames)[number];

/** The drift check keeps the offset that it had under its former name. */
const offsetNames: Readonly<Record<ScheduleName, string>> = {
  converge: "converge",
  drift: "check",
  fetch: "fetch",
  sweep: "sweep",
};

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
  return expression === undefined ? undefined : { name: offsetNames[name], expression, splayMs: schedule.splayMs ?? 0 };
}
