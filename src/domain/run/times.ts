import type { Role } from "../role/role.ts";

/** The daemon's scheduled work for a role. */
export const scheduleNames = ["converge", "drift", "fetch", "sweep"] as const;

export type ScheduleName = (typeof scheduleNames)[number];

/** The drift check keeps the offset of its former name. */
const offsetNames: Readonly<Record<ScheduleName, string>> = {
  converge: "converge",
  drift: "check",
  fetch: "fetch",
  sweep: "sweep",
};

/** The times of repeated work. */
export type Times = {
  /** The offset depends on this name and the instance's id: two schedules do not move together. */
  readonly name: string;
  /** A cron expression of five fields, in local time. */
  readonly expression: string;
  /** How far apart the instances of a fleet do the work, in milliseconds. */
  readonly splayMs: number;
};

/** The times of one schedule of a role; undefined when it has none. */
export function timesOf({ schedule }: Role, name: ScheduleName): Times | undefined {
  const expression = schedule[name];
  return expression === undefined ? undefined : { name: offsetNames[name], expression, splayMs: schedule.splayMs ?? 0 };
}
