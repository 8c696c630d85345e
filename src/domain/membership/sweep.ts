import type { Owner } from "./membership.ts";

/** When an instance was first not in an answer. */
export type Absence = {
  /** ISO 8601. */
  readonly at: string;
  readonly bootId: string;
  /** The machine's uptime then, in milliseconds: within a boot, clock corrections do not matter. */
  readonly upMs: number;
};

export type Absences = Readonly<Record<string, Absence>>;

/** A moment of this boot. */
export type SweepMoment = { readonly now: Date; readonly bootId: string; readonly upMs: number };

/** An unknown instance is dead if two answers that are this far apart do not list it, in milliseconds. */
const absentMs = 15 * 60_000;

/** An absence is forgotten after this time without another query, in milliseconds. */
const forgetMs = 7 * 24 * 3_600_000;

/**
 * Whether this instance may ask about an owner, and sweep after it if it is dead: not about another account or region,
 * nor about an id that EC2 never gave, which may be a pattern or a joke. Pure.
 */
export function mayAskAbout(owner: Owner, self: Owner): boolean {
  return (
    owner.account === self.account &&
    owner.region === self.region &&
    owner.instance !== self.instance &&
    isInstanceId(owner.instance)
  );
}

export function isInstanceId(id: string): boolean {
  return /^i-[0-9a-f]{8,17}$/.test(id);
}

/**
 * The dead instances: terminated, or missing from two answers that are far enough apart. An instance in any other state
 * lives. Pure.
 * @param lives the answer about `asked`, which includes this instance
 */
export function judgeDead(
  asked: readonly string[],
  lives: ReadonlyMap<string, "there" | "terminated">,
  before: Absences,
  moment: SweepMoment,
): { readonly gone: readonly string[]; readonly absences: Absences } {
  const absences = new Map(Object.entries(before).filter(([, absence]) => sinceMs(absence, moment) < forgetMs));
  const gone: string[] = [];
  for (const id of new Set(asked)) {
    const life = lives.get(id);
    if (life !== undefined) absences.delete(id);
    if (life === "terminated") gone.push(id);
    if (life !== undefined) continue;
    const since = absences.get(id);
    const absent = since === undefined ? -1 : sinceMs(since, moment);
    if (absent >= absentMs) gone.push(id);
    // A moment that lies ahead was written with a wrong clock.
    else if (absent < 0) absences.set(id, { at: moment.now.toISOString(), bootId: moment.bootId, upMs: moment.upMs });
  }
  return { gone, absences: Object.fromEntries(absences) };
}

function sinceMs(absence: Absence, moment: SweepMoment): number {
  if (absence.bootId === moment.bootId) return moment.upMs - absence.upMs;
  return moment.now.getTime() - Date.parse(absence.at);
}
