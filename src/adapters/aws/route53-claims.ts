/**
 * Which set a claim stands in, where instances share a name without routing. A change rewrites a set whole, and a request
 * takes only so much: so the claims of a name are spread over `_muster.NAME`, `_muster-2.NAME` and so on. Pure.
 *
 * A set is full at `claimCharacters`; a new claim goes into the first that is not. Versions before this one read
 * `_muster.NAME` alone: a name with few instances looks as it always did.
 *
 * An instance that removes the last claim on a value removes the value too, unless a set that it rewrites has changed
 * meanwhile. So a claim on a value that another instance claims goes to that claim, where there is room, and even into a
 * full set where that claim is the only one; and an instance that leaves a value to another's claim rewrites that
 * claim's set, unchanged.
 */
import { claimsOf, ownedName, ownershipName, type Claim } from "../host/dns/ownership.ts";
import { charactersOf, claimCharacters } from "./route53-limits.ts";
import type { RecordSetSeen } from "./route53-sets.ts";

/** The sets of claims without routing at a name; `_muster.NAME` is the first. */
export function claimSetsOf(name: string, sets: readonly RecordSetSeen[]): readonly RecordSetSeen[] {
  return sets
    .filter((set) => set.type === "TXT" && set.identifier === undefined && ownedName(set.name) === name)
    .toSorted((one, other) => one.name.length - other.name.length || (one.name < other.name ? -1 : 1));
}

/** The claims in one set. */
export function claimsIn(set: RecordSetSeen): readonly Claim[] {
  return claimsOf({ sets: new Map(), ownership: set.values });
}

/** The name of the set that a claim stands in, or is to be added to. */
export function placeFor(claim: Claim, name: string, sets: readonly RecordSetSeen[]): string {
  const places = claimSetsOf(name, sets);
  const hasRoom = ({ values }: RecordSetSeen) => charactersOf([...values, claim.rdata]) <= claimCharacters;
  const own = places.find(({ values }) => values.includes(claim.rdata));
  if (own !== undefined) return own.name;
  const shared = places.filter((place) => rivalsIn(place, claim).length > 0);
  const [alone] = shared;
  if (alone !== undefined && shared.length === 1 && rivalsIn(alone, claim).length === 1) return alone.name;
  const beside = shared.find(hasRoom);
  if (beside !== undefined) return beside.name;
  for (let number = 1; ; number += 1) {
    const place = places.find((set) => set.name === ownershipName(name, number));
    if (place === undefined || hasRoom(place)) return ownershipName(name, number);
  }
}

/**
 * The set whose claims keep the value of a claim that goes; undefined if none does, or if the claim's own set does.
 */
export function keeperOf(claim: Claim, name: string, sets: readonly RecordSetSeen[]): RecordSetSeen | undefined {
  const keepers = claimSetsOf(name, sets).filter((place) => rivalsIn(place, claim).length > 0);
  if (keepers.some(({ values }) => values.includes(claim.rdata))) return undefined;
  return keepers.toSorted((one, other) => charactersOf(one.values) - charactersOf(other.values))[0];
}

/** The other claims on the same value. */
function rivalsIn(place: RecordSetSeen, { type, value, rdata }: Claim): readonly Claim[] {
  return claimsIn(place).filter((one) => one.type === type && one.value === value && one.rdata !== rdata);
}
