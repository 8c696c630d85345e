import type { Owner } from "../domain/membership/membership.ts";
import type { ZoneName } from "../domain/membership/zone.ts";

/** A name with the claim of an instance. */
export type OwnedName = { readonly name: string; readonly owner: Owner };

/** One page of a zone. */
export type RegistryPage = {
  readonly owned: readonly OwnedName[];
  /** Where the next page begins; absent: this was the last. */
  readonly next?: string | undefined;
};

/**
 * The owners in a zone, for a DNS service that can list them.
 *
 * Contract: `page` costs one call, however large the zone is, and contains claims only. `disown` removes the claims of
 * one owner at these names, record and claim together, by the exact values that it has just read: values of other
 * owners, unclaimed values and changed values stay. Repeating it is harmless.
 */
export interface Registry {
  /** @param from the position that an earlier page returned; absent: the beginning */
  page(zone: ZoneName, from: string | undefined, signal: AbortSignal): Promise<RegistryPage>;
  disown(zone: ZoneName, owner: Owner, names: readonly string[], signal: AbortSignal): Promise<void>;
}
