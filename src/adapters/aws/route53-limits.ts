/**
 * What one request and one record set take. Sources: the Route 53 Developer Guide, "Quotas", sections "Maximums on API
 * requests" and "Quotas on records" (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html). Pure.
 */
import { ownedName } from "../host/dns/ownership.ts";
import type { RecordSetSeen } from "./route53-sets.ts";
import type { Change } from "./sdk/route53.ts";

/** Characters of all values in a request. Every change counts, a DELETE like a CREATE. */
const requestCharacters = 32_000;

/** Values in a request. */
const requestValues = 1_000;

/** Values in one record set. */
const setValues = 400;

/** Record sets with a routing policy, of one name and type. */
const routedSets = 100;

/**
 * Characters of the claims in one set without routing. A change of the set holds them twice, the old and the new ones:
 * two such sets fit into one request, and so does one beside the largest set of IPv4 addresses.
 */
export const claimCharacters = 7_000;

/** From this share of a limit on there is a warning. */
const crowdedFrom = 0.8;

/** Whether one request takes the changes. */
export function fits(changes: readonly Change[]): boolean {
  const values = changes.flatMap(({ ResourceRecordSet: set }) => set?.ResourceRecords ?? []);
  return values.length <= requestValues && charactersOf(values.map(({ Value = "" }) => Value)) <= requestCharacters;
}

export function charactersOf(values: readonly string[]): number {
  return values.reduce((sum, value) => sum + value.length, 0);
}

/** The parts of a list, in order, each as long as one request takes; a single item is a part of its own. */
export function requestsOf<T extends { readonly changes: readonly Change[] }>(all: readonly T[]): readonly T[][] {
  const parts: T[][] = [];
  for (const one of all) {
    const last = parts.at(-1);
    if (last !== undefined && fits([...last, one].flatMap(({ changes }) => changes))) last.push(one);
    else parts.push([one]);
  }
  return parts;
}

/** How many values like these the set takes: a change of it holds them twice, the old and the new ones. */
export function mostValuesOf({ values }: Pick<RecordSetSeen, "values">): number {
  const each = charactersOf(values) / Math.max(1, values.length);
  return Math.min(setValues, Math.floor(requestCharacters / 2 / Math.max(1, each)));
}

/** What is near a limit of Route 53 at a name, in words; undefined if nothing is. */
export function crowdAt(sets: readonly RecordSetSeen[]): string | undefined {
  const routed = sets.filter(({ identifier }) => identifier !== undefined);
  const largest = Math.max(
    0,
    ...Map.groupBy(routed, ({ name, type }) => `${name} ${type}`)
      .values()
      .map((of) => of.length),
  );
  if (largest >= routedSets * crowdedFrom) return `${largest} record sets, and Route 53 takes ${routedSets}`;
  const crowded = sets
    .filter((set) => ownedName(set.name) === undefined && set.values.length >= mostValuesOf(set) * crowdedFrom)
    .toSorted((one, other) => other.values.length - one.values.length)[0];
  if (crowded === undefined) return undefined;
  return `${crowded.values.length} values in one record set, and Route 53 takes ${mostValuesOf(crowded)}`;
}
