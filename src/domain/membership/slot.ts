import type { Owner } from "./membership.ts";
import type { ZoneName } from "./zone.ts";

/**
 * A slot that limits how many instances may do something at once, templates rendered: a number of TXT names in a zone,
 * one owner each.
 */
export type Slot = ZoneName & {
  /** Absolute, lower case, without a trailing dot; within the zone. */
  readonly name: string;
  /** How many hold one at the same time. */
  readonly count: number;
};

/** One slot that an instance holds. */
export type Hold = {
  /** From 1 to the slot's count. */
  readonly number: number;
  /** Until when no other instance takes it over, ISO 8601. */
  readonly until: string;
};

/** The owner of a slot, as its record says. */
export type SlotOwner = {
  readonly number: number;
  /** Absent: the record was not written by muster. */
  readonly owner?: Owner;
  /** ISO 8601; absent with the owner. */
  readonly until?: string;
};

/** Why an instance leaves service by choice. */
export type SlotPurpose = "patch" | "health" | "replacement";

/** The slot that this instance holds, as people see it. */
export type SlotStatus = Hold & {
  readonly purpose: SlotPurpose;
  readonly name: string;
  readonly count: number;
};

/** The longest time for one hold, in milliseconds. */
export const longestHoldMs = 24 * 3_600_000;

/**
 * How far the clocks of two writers to one zone may differ, in milliseconds. DNS servers refuse signatures that are off
 * by more than five minutes (RFC 8945), so two writers differ by at most twice that. With Route 53 the SDK corrects the
 * clock.
 */
const skewMs = 10 * 60_000;

/**
 * Whether a hold is over for every instance. The owner's clock may be behind, so a margin is added after its end. An
 * end that lies further ahead than any hold lasts was written with a wrong clock, and counts as over too, so that no
 * fleet waits for years. Pure.
 */
export function isOver(until: string, now: Date): boolean {
  const leftMs = Date.parse(until) - now.getTime();
  return !(leftMs >= -skewMs && leftMs <= longestHoldMs + skewMs);
}

/** `slot 1 of 2 of web-dev.example.internal`. */
export function describeSlot({ number, count, name }: SlotStatus): string {
  return `slot ${number} of ${count} of ${name}`;
}

/** Why no slot is free. */
export function heldBy(owners: readonly SlotOwner[]): string {
  const each = owners.map(({ owner, until }) =>
    owner === undefined ? "an unknown owner" : `${owner.instance} until ${until}`,
  );
  return `every slot is held: ${each.join(", ")}`;
}
