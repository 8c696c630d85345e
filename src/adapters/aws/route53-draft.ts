/** From the present sets of one name to the requests for the wanted ones: ownership.ts has the rules. Pure. */
import { claimsOf, claimsOn, isOn, ownedName, ownershipName, type Claim } from "../host/dns/ownership.ts";
import { claimSetsOf, keeperOf, placeFor } from "./route53-claims.ts";
import { fits } from "./route53-limits.ts";
import { keyOf, viewOf, writeSet, type RecordSetSeen, type StoredSet } from "./route53-sets.ts";
import type { Change } from "./sdk/route53.ts";

/** The requests for one name; sent whole or not at all. */
export type Edit = {
  readonly name: string;
  /** Deletions first. A set that has changed meanwhile makes Route 53 refuse the whole batch. */
  readonly changes: readonly Change[];
  /** The sets of the name afterwards. */
  readonly after: readonly StoredSet[];
  /** One request does not take all that is to change: plan again after this. */
  readonly more?: true;
};

/** The wanted sets of a name and of its ownership names. */
export type Draft = {
  readonly now: () => readonly RecordSetSeen[];
  readonly at: (key: Pick<RecordSetSeen, "name" | "type" | "identifier">) => RecordSetSeen | undefined;
  /** A set without values does not exist. */
  readonly write: (set: RecordSetSeen) => void;
  /** The ownership name at which this claim stands, or is to be written. */
  readonly placeFor: (rdata: string, identifier: string | undefined) => string;
  /** Removes a claim; the value goes with its last claim. */
  readonly remove: (claim: Claim, identifier: string | undefined) => void;
  /**
   * Undefined if nothing changes. What one request does not take is done in steps, so that no value is ever without a
   * claim: the claims that come, the values, the claims that go.
   */
  readonly edit: () => Edit | undefined;
};

type Sets = ReadonlyMap<string, RecordSetSeen>;

export function draftOf(name: string, before: readonly StoredSet[]): Draft {
  const former: Sets = new Map(before.map(({ set }) => [keyOf(set), set]));
  const sets = new Map(former);
  /** Sets that must not have changed meanwhile: they are written anew, unchanged. */
  const relied = new Set<string>();

  function write(set: RecordSetSeen): void {
    if (set.values.length === 0) sets.delete(keyOf(set));
    else sets.set(keyOf(set), set);
  }

  function removeValue(set: RecordSetSeen | undefined, rdata: string): void {
    if (set?.values.includes(rdata) === true) write({ ...set, values: set.values.filter((value) => value !== rdata) });
  }

  const now = () => [...sets.values()];

  /** The edit that makes these the sets of the name. */
  function editTo(wanted: Sets, unchanged: readonly string[]): Edit {
    const kept = new Map(
      before.flatMap((one) => {
        const key = keyOf(one.set);
        return sameSet(one.set, wanted.get(key)) && !unchanged.includes(key) ? [[key, one] as const] : [];
      }),
    );
    const deletions = before.flatMap(({ set, stored }): Change[] =>
      kept.has(keyOf(set)) ? [] : [{ Action: "DELETE", ResourceRecordSet: stored }],
    );
    // Unchanged sets are never written: they may have a type that muster does not make, as NS at the zone itself.
    const after = [...wanted].map(([key, set]) => kept.get(key) ?? { set, stored: writeSet(set) });
    const creations = after.flatMap(({ set, stored }): Change[] =>
      kept.has(keyOf(set)) ? [] : [{ Action: "CREATE", ResourceRecordSet: stored }],
    );
    return { name, changes: [...deletions, ...creations], after };
  }

  return {
    now,
    write,
    at: (key) => sets.get(keyOf(key)),
    placeFor(rdata, identifier) {
      const [claim] = claimsOf({ sets: new Map(), ownership: [rdata] });
      return identifier === undefined && claim !== undefined ? placeFor(claim, name, now()) : ownershipName(name);
    },
    remove(claim, identifier) {
      const view = viewOf(name, now(), identifier);
      const keeper = identifier === undefined ? keeperOf(claim, name, now()) : undefined;
      if (keeper !== undefined && former.has(keyOf(keeper))) relied.add(keyOf(keeper));
      const own = sets.get(keyOf({ name: ownershipName(name), type: "TXT", identifier }));
      const places = identifier === undefined ? claimSetsOf(name, now()) : [own];
      for (const place of places) removeValue(place, claim.rdata);
      for (const rdata of view.sets.get(claim.type)?.values.filter((value) => isOn(claim, claim.type, value)) ?? []) {
        const isLast = claimsOn(view, claim.type, rdata).every((one) => one.rdata === claim.rdata);
        if (isLast) removeValue(sets.get(keyOf({ name, type: claim.type, identifier })), rdata);
      }
    },
    edit() {
      const whole = editTo(sets, [...relied]);
      if (whole.changes.length === 0) return undefined;
      if (fits(whole.changes)) return whole;
      const steps = stepsBetween(former, sets, (wanted) => fits(editTo(wanted, []).changes));
      const step = steps.slice(0, -1).find((wanted) => differs(former, wanted));
      return step === undefined ? whole : { ...editTo(step, []), more: true };
    },
  };
}

/** The sets after each step of a change that one request does not take; the last is the change whole. */
function stepsBetween(before: Sets, after: Sets, isTaken: (wanted: Sets) => boolean): readonly Sets[] {
  const withClaims = new Map(before);
  for (const [key, set] of after) {
    if (ownedName(set.name) === undefined) continue;
    withClaims.set(key, { ...set, values: [...new Set([...(before.get(key)?.values ?? []), ...set.values])] });
  }
  const withValues = new Map([...withClaims].filter(([, set]) => ownedName(set.name) !== undefined));
  for (const [key, set] of after) if (ownedName(set.name) === undefined) withValues.set(key, set);
  if (isTaken(withValues)) return [withClaims, withValues, after];
  // One set at a time; a set that goes first, since a CNAME stands alone.
  const keys = [...new Set([...before.keys(), ...after.keys()])].toSorted(
    (one, other) => Number(after.has(one)) - Number(after.has(other)),
  );
  const single = keys.flatMap((key) => {
    const set = after.get(key);
    const one = new Map(withClaims);
    if (set === undefined) one.delete(key);
    else one.set(key, set);
    return ownedName((set ?? before.get(key))?.name ?? "") === undefined ? [one] : [];
  });
  return [withClaims, ...single, after];
}

function differs(one: Sets, other: Sets): boolean {
  return one.size !== other.size || [...one].some(([key, set]) => !sameSet(set, other.get(key)));
}

function sameSet(one: RecordSetSeen, other: RecordSetSeen | undefined): boolean {
  if (other === undefined || one.ttl !== other.ttl || one.policy !== other.policy) return false;
  if (one.healthCheck !== other.healthCheck) return false;
  return one.weight === other.weight && one.values.toSorted().join("\n") === other.values.toSorted().join("\n");
}
