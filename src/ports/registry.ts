import type { Owner, ZoneName } from "../domain/membership.ts";

/** A name at which an instance claims something. */
export type OwnedName = { readonly name: string; readonly owner: Owner };

/** A part of a zone. */
export type RegistryPage = {
  readonly owned: readonly OwnedName[];
  /** Where the next part begins; absent: this was the last. */
  readonly next?: string | undefined;
};

/**
 * Who owns what in a zone, for a DNS service that can be asked that.
 *
 * Contract: `page` costs one call, however large the zone is. What is no claim is in no page. `disown` takes away what
 * one owner claims at these names, record and claim together, by the exact values that it has just read: what others
 * claim too, what nobody claims, and what changed meanwhile stays. Doing it again is harmless.
 */
export interface Registry {
  /** @param from where a page before this one said; absent: the beginning */
  page(zone: ZoneName, from: string | undefined, signal: AbortSignal): Promise<RegistryPage>;
  disown(zone: ZoneName, owner: Owner, names: readonly string[], signal: AbortSignal): Promise<void>;
}
