import type { Owner, ZoneVisibility } from "./membership.ts";

/** What so many instances may hold at once, templates rendered: a number of TXT names in a zone, one holder each. */
export type Slot = {
  readonly zone: string;
  /** Absolute, lower case, without a trailing dot; within the zone. */
  readonly name: string;
  /** How many hold one at the same time. */
  readonly count: number;
  /** Which of two zones of the same name; needed only where both exist (Route 53). */
  readonly visibility?: ZoneVisibility | undefined;
};

/** One slot that an instance holds. */
export type Hold = {
  /** From 1 to the slot's count. */
  readonly number: number;
  /** Until when nobody takes it over, ISO 8601. */
  readonly until: string;
};

/** Who holds a slot, as far as its record tells. */
export type SlotOwner = {
  readonly number: number;
  /** Absent: the name holds what muster did not write. */
  readonly owner?: Owner;
  /** ISO 8601; absent with the owner. */
  readonly until?: string;
};

/** What an instance leaves service for by choice. */
export type SlotPurpose = "patch" | "health" | "replacement";

/** The slot that this instance holds, as people see it. */
export type SlotStatus = Hold & {
  readonly purpose: SlotPurpose;
  readonly name: string;
  readonly count: number;
};

/** The longest that a slot is taken for at a time, in milliseconds. */
export const longestHoldMs = 24 * 3_600_000;

/**
 * How far two clocks that write to one zone may differ, in milliseconds. DNS servers refuse signatures that are off
 * by more than five minutes (RFC 8945), and Route 53's answers put a clock right that is: two writers differ by twice
 * that at the most.
 */
const skewMs = 10 * 60_000;

/**
 * Whether a hold is over for everybody. A holder's clock may be behind ours: it is over only so long after its end.
 * What lies further ahead than any hold lasts was written with a clock that was wrong, and counts as over too, so that
 * no fleet waits for years. Pure.
 */
export function isOver(until: string, now: Date): boolean {
  const leftMs = Date.parse(until) - now.getTime();
  return !(leftMs >= -skewMs && leftMs <= longestHoldMs + skewMs);
}

/** `slot 1 of 2 of web-dev.example.internal`. */
export function describeSlot({ number, count, name }: SlotStatus): string {
  return `slot ${number} of ${count} of ${name}`;
}

/** Why there is no slot to be had. */
export function heldBy(owners: readonly SlotOwner[]): string {
  const each = owners.map(({ owner, until }) =>
    owner === undefined ? "somebody whom muster does not know" : `${owner.instance} until ${until}`,
  );
  return `every slot is held: ${each.join(", ")}`;
}
