/** From the present sets of one name to the requests for the wanted ones: ownership.ts has the rules. Pure. */
import { claimsOn, ownershipName, type Claim } from "../host/dns/ownership.ts";
import { keyOf, viewOf, writeSet, type RecordSetSeen, type StoredSet } from "./route53-sets.ts";
import type { Change } from "./sdk/route53.ts";

/** The requests for one name; sent whole or not at all. */
export type Edit = {
  readonly name: string;
  /** Deletions first. A set that has changed meanwhile makes Route 53 refuse the whole batch. */
  readonly changes: readonly Change[];
  /** The sets of the name afterwards. */
  readonly after: readonly StoredSet[];
};

/** The wanted sets of a name and of its ownership name. */
export type Draft = {
  readonly now: () => readonly RecordSetSeen[];
  readonly at: (key: Pick<RecordSetSeen, "name" | "type" | "identifier">) => RecordSetSeen | undefined;
  /** A set without values does not exist. */
  readonly write: (set: RecordSetSeen) => void;
  /** Removes a claim; the value goes with its last claim. */
  readonly remove: (claim: Claim, identifier: string | undefined) => void;
  /** Undefined if nothing changes. */
  readonly edit: () => Edit | undefined;
};

export function draftOf(name: string, before: readonly StoredSet[]): Draft {
  const sets = new Map(before.map(({ set }) => [keyOf(set), set]));

  function write(set: RecordSetSeen): void {
    if (set.values.length === 0) sets.delete(keyOf(set));
    else sets.set(keyOf(set), set);
  }

  function removeValue(of: string, type: string, identifier: string | undefined, rdata: string): void {
    const set = sets.get(keyOf({ name: of, type, identifier }));
    if (set !== undefined) write({ ...set, values: set.values.filter((value) => value !== rdata) });
  }

  const now = () => [...sets.values()];
  return {
    now,
    write,
    at: (key) => sets.get(keyOf(key)),
    remove(claim, identifier) {
      const view = viewOf(name, now(), identifier);
      removeValue(ownershipName(name), "TXT", identifier, claim.rdata);
      for (const rdata of view.sets.get(claim.type)?.values ?? []) {
        const claims = claimsOn(view, claim.type, rdata);
        if (claims.length === 1 && claims[0]?.rdata === claim.rdata) removeValue(name, claim.type, identifier, rdata);
      }
    },
    edit() {
      const kept = new Map(
        before.flatMap((one) => (sameSet(one.set, sets.get(keyOf(one.set))) ? [[keyOf(one.set), one]] : [])),
      );
      const deletions = before.flatMap(({ set, stored }): Change[] =>
        kept.has(keyOf(set)) ? [] : [{ Action: "DELETE", ResourceRecordSet: stored }],
      );
      // Unchanged sets are never written: they may have a type that muster does not make, as NS at the zone itself.
      const after = [...sets].map(([key, set]) => kept.get(key) ?? { set, stored: writeSet(set) });
      const creations = after.flatMap(({ set, stored }): Change[] =>
        kept.has(keyOf(set)) ? [] : [{ Action: "CREATE", ResourceRecordSet: stored }],
      );
      const changes = [...deletions, ...creations];
      return changes.length === 0 ? undefined : { name, changes, after };
    },
  };
}

function sameSet(one: RecordSetSeen, other: RecordSetSeen | undefined): boolean {
  if (other === undefined || one.ttl !== other.ttl || one.policy !== other.policy) return false;
  if (one.healthCheck !== other.healthCheck) return false;
  return one.weight === other.weight && one.values.toSorted().join("\n") === other.values.toSorted().join("\n");
}
