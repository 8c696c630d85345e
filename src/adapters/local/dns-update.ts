/** From the wanted records and the present ones to the lines for nsupdate. Pure. */
import type { DnsRecord, Owner } from "../../domain/membership/membership.ts";
import type { DnsChange } from "../../ports/dns.ts";
import { claimRdata, claimsOn, isMine, judge, ownershipName, ownInTheWay, valuesOf } from "../host/dns/ownership.ts";
import type { Claim, NameSeen } from "../host/dns/ownership.ts";
import { rdataOf } from "../host/dns/rdata.ts";

/** The update of one zone: nothing happens unless every condition holds. */
export type ZoneUpdate = {
  readonly conditions: readonly string[];
  /** Empty if the zone needs no change. */
  readonly changes: readonly string[];
};

/**
 * The update for the change, given the present content of each name (rules: ownership.ts). Foreign records are left
 * out: the caller refuses them.
 */
export function updateOf(change: DnsChange, owner: Owner, seenOf: (name: string) => NameSeen): ZoneUpdate {
  const changes = new Set<string>();
  const conditions = new Set<string>();

  function touch(name: string, type: string): void {
    for (const condition of conditionsOf(name, type, valuesOf(seenOf(name), type))) conditions.add(condition);
    for (const condition of conditionsOf(ownershipName(name), "TXT", seenOf(name).ownership)) conditions.add(condition);
  }

  function remove(name: string, claim: Claim, rdata: string | undefined): void {
    touch(name, claim.type);
    changes.add(deletion(ownershipName(name), "TXT", claim.rdata));
    if (rdata === undefined) return;
    const lastClaim = claimsOn(seenOf(name), claim.type, rdata).every((other) => isMine(other, owner));
    if (lastClaim) changes.add(deletion(name, claim.type, rdata));
  }

  for (const record of change.withdraw) {
    const rdata = rdataOf(record);
    const mine = claimsOn(seenOf(record.name), record.type, rdata).find((claim) => isMine(claim, owner));
    if (mine !== undefined) remove(record.name, mine, rdata);
  }
  for (const record of change.publish) {
    const { name, type, ttl } = record;
    const seen = seenOf(name);
    const state = judge(record, owner, seen);
    if (state.kind !== "absent" && state.kind !== "differs") continue;
    const inTheWay = ownInTheWay(record, owner, seen);
    for (const claim of inTheWay) remove(name, claim, claimedRdata(claim, seen));
    // Other records of the name were not read: there must be none.
    if (standsAlone(record, seen) && inTheWay.length === 0) conditions.add(`prereq nxdomain ${name}.`);
    touch(name, type);
    changes.add(`update add ${name}. ${ttl} ${type} ${rdataOf(record)}`);
    changes.add(`update add ${ownershipName(name)}. ${ttl} TXT ${claimRdata(record, owner)}`);
  }
  return { conditions: [...conditions], changes: [...changes] };
}

/** To nsupdate a deletion without data means the whole set, and one without a type the whole name. */
export function deletion(name: string, type: string, rdata: string): string {
  if ([name, type, rdata].some((part) => part.trim() === ""))
    throw new Error(`a deletion at ${JSON.stringify(name)} that does not name one record`);
  return `update delete ${name}. ${type} ${rdata}`;
}

/** The data of a claim, if the name holds it. */
function claimedRdata(claim: Claim, seen: NameSeen): string | undefined {
  return valuesOf(seen, claim.type).find((rdata) =>
    claimsOn(seen, claim.type, rdata).some((other) => other.rdata === claim.rdata),
  );
}

function standsAlone(record: DnsRecord, seen: NameSeen): boolean {
  return record.type === "CNAME" && valuesOf(seen, "CNAME").length === 0;
}

/** The condition that a set is unchanged. */
export function conditionsOf(name: string, type: string, values: readonly string[]): readonly string[] {
  if (values.length === 0) return [`prereq nxrrset ${name}. ${type}`];
  return values.map((rdata) => `prereq yxrrset ${name}. ${type} ${rdata}`);
}
