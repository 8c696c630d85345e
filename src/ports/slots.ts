import type { Owner } from "../domain/membership.ts";
import type { Hold, Slot, SlotOwner } from "../domain/slot.ts";

/** What an attempt to take a slot came to. */
export type SlotTake =
  | ({ readonly kind: "taken" } & Hold)
  /** Every one is held; by whom, in the order of their numbers. */
  | { readonly kind: "busy"; readonly owners: readonly SlotOwner[] };

/**
 * What keeps a fleet from doing something all at once: a few slots in a zone that everybody sees. Whoever holds one
 * may; the others wait.
 *
 * Contract: of any number who take at once, exactly `count` get one. An owner holds one at the most: taking again is
 * renewing, so that whoever is killed may do it again. A hold that is over (`isOver`) is taken over, by one only.
 * What muster did not write is never touched. Errors that pass are transient; those of DNS are as in dns.ts.
 */
export interface Slots {
  /** Takes one for so long, in milliseconds, at the most `longestHoldMs`. Does not wait for one. */
  take(slot: Slot, owner: Owner, forMs: number, signal: AbortSignal): Promise<SlotTake>;
  /**
   * Holds on for so long from now on, also when the hold is over and nobody has taken it.
   * @throws MusterError `slot-lost` when this owner holds none any more
   */
  renew(slot: Slot, owner: Owner, forMs: number, signal: AbortSignal): Promise<Hold>;
  /** Gives back what this owner holds. No-op when that is nothing. */
  release(slot: Slot, owner: Owner, signal: AbortSignal): Promise<void>;
}
