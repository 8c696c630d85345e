import type { Owner } from "../domain/membership/membership.ts";
import type { Hold, Slot, SlotOwner } from "../domain/membership/slot.ts";

/** The result of an attempt to take a slot. */
export type SlotTake =
  | ({ readonly kind: "taken" } & Hold)
  /** Every slot is taken; the owners in the order of the numbers. */
  | { readonly kind: "busy"; readonly owners: readonly SlotOwner[] };

/**
 * Slots limit how many instances of a fleet do something at once: a few records in a zone that all of them see. A slot
 * owner may go ahead; the others wait.
 *
 * Contract: of any number of simultaneous requests, exactly `count` get a slot. An owner has one slot at most: taking
 * again renews it, so that a killed process may repeat its request. A hold that is over (`isOver`) is taken over, by
 * one instance only. Records that muster did not write are never touched. Transient failures throw transient errors;
 * those of DNS as in dns.ts.
 */
export interface Slots {
  /** Takes a slot for this long, in milliseconds, at most `longestHoldMs`. Does not wait for one. */
  take(slot: Slot, owner: Owner, forMs: number, signal: AbortSignal): Promise<SlotTake>;
  /**
   * Extends the hold from now on, also if it is over and no other instance has taken it.
   * @throws MusterError `slot-lost` if this owner has no slot any more
   */
  renew(slot: Slot, owner: Owner, forMs: number, signal: AbortSignal): Promise<Hold>;
  /** Releases the slot of this owner. No-op without one. */
  release(slot: Slot, owner: Owner, signal: AbortSignal): Promise<void>;
}
