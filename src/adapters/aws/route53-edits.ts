/**
 * From the wanted records and the present sets to the edits: the rules of ownership.ts on Route 53. Pure.
 *
 * A record without routing stands in the one simple set of its name and type, which instances share; route53-claims.ts
 * says where its claim does. One with routing
 * stands in the instance's own set (the instance id is its identifier), and its claim in a TXT set with the same
 * identifier, so that no instance ever writes another's.
 */
import type { DnsRecord, Owner, RecordState } from "../../domain/membership/membership.ts";
import { claimRdata, claimsOf, claimsOn, isMine, judge, ownInTheWay, unclaimed } from "../host/dns/ownership.ts";
import { rdataOf } from "../host/dns/rdata.ts";
import { mostValuesOf } from "./route53-limits.ts";
import { draftOf, type Edit } from "./route53-draft.ts";
import { aliasTarget, keyOf, viewOf, type Policy, type RecordSetSeen, type StoredSet } from "./route53-sets.ts";

/** What cannot be done, by record. */
export type Refusal =
  | { readonly why: "foreign"; readonly record: DnsRecord; readonly holder: string }
  | { readonly why: "mixed"; readonly record: DnsRecord; readonly policies: readonly Policy[] }
  /** The set of the record would hold more values than Route 53 takes. */
  | { readonly why: "full"; readonly record: DnsRecord; readonly most: number };

/** The state of one record, from all sets at its name and at its ownership name. */
export function stateOf(record: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): RecordState {
  const foreign = foreignInTheWay(record, owner, sets);
  if (foreign !== undefined) return { kind: "foreign", owner: foreign };
  const identifier = identifierOf(record, owner);
  const judged = judge({ ...record, ttl: ttlOf(record, owner, sets) }, owner, viewOf(record.name, sets, identifier));
  if (judged.kind === "absent" && homesOf(record, owner, sets).some((home) => home !== identifier))
    return { kind: "differs", seen: "under another routing policy" };
  if (judged.kind !== "present") return judged;
  const held = sets.find((set) => keyOf(set) === keyOf({ name: record.name, type: record.type, identifier }));
  if (held?.policy !== policyOf(record)) return { kind: "differs", seen: `routing ${held?.policy}` };
  if (held.healthCheck !== record.healthCheck)
    return { kind: "differs", seen: `health check ${held.healthCheck ?? "none"}` };
  return held.weight === weightOf(record) ? judged : { kind: "differs", seen: `weight ${held.weight}` };
}

/** The edit of one name; undefined if it needs none. */
export function editOf(
  name: string,
  change: { readonly publish: readonly DnsRecord[]; readonly withdraw: readonly DnsRecord[] },
  owner: Owner,
  before: readonly StoredSet[],
): { readonly edit?: Edit; readonly refusals: readonly Refusal[] } {
  const draft = draftOf(name, before);
  const { now, remove } = draft;

  function add(record: DnsRecord, of: string, type: string, rdata: string): void {
    const identifier = identifierOf(record, owner);
    const values = draft.at({ name: of, type, identifier })?.values ?? [];
    const ttl = groupTtl(now(), of, type, identifier) ?? record.ttl;
    const [policy, weight] = [policyOf(record), weightOf(record)];
    // The claim beside a set must be answered whatever the health of the set.
    const healthCheck = of === record.name ? record.healthCheck : undefined;
    const joined = [...new Set([...values, rdata])];
    draft.write({ name: of, type, identifier, policy, weight, healthCheck, ttl, values: joined });
  }

  for (const record of change.withdraw) {
    for (const identifier of homesOf(record, owner, now())) {
      const claims = claimsOn(viewOf(name, now(), identifier), record.type, rdataOf(record));
      for (const claim of claims.filter((one) => isMine(one, owner))) remove(claim, identifier);
    }
  }
  const refusals: Refusal[] = [];
  for (const record of change.publish) {
    const state = stateOf(record, owner, now());
    if (state.kind === "foreign") refusals.push({ why: "foreign", record, holder: state.owner });
    if (state.kind !== "absent" && state.kind !== "differs") continue;
    const home = identifierOf(record, owner);
    for (const identifier of [undefined, owner.instance]) {
      const view = viewOf(name, now(), identifier);
      const misplaced = claimsOf(view).filter((claim) => isMine(claim, owner) && claim.type === record.type);
      const inTheWay = [...ownInTheWay(record, owner, view), ...(identifier === home ? [] : misplaced)];
      for (const claim of inTheWay) remove(claim, identifier);
    }
    add(record, name, record.type, rdataOf(record));
    const claim = claimRdata(record, owner);
    add(record, draft.placeFor(claim, home), "TXT", claim);
    const written = draft.at({ name, type: record.type, identifier: home });
    const most = written === undefined ? Infinity : mostValuesOf(written);
    if (written !== undefined && written.values.length > most) refusals.push({ why: "full", record, most });
    const policies = mixedPolicies(now());
    if (policies.length > 1) refusals.push({ why: "mixed", record, policies });
  }
  const edit = refusals.length > 0 ? undefined : draft.edit();
  return edit === undefined ? { refusals } : { edit, refusals };
}

/** The policies of the first name and type with more than one, which Route 53 refuses. */
function mixedPolicies(sets: readonly RecordSetSeen[]): readonly Policy[] {
  for (const { name, type } of sets) {
    const policies = new Set(sets.filter((set) => set.name === name && set.type === type).map(({ policy }) => policy));
    if (policies.size > 1) return [...policies];
  }
  return [];
}

/**
 * The owner of a set that the record cannot stand beside: an alias excludes any other record. The record's own set is
 * judged elsewhere.
 */
function foreignInTheWay(record: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): string | undefined {
  const rival = rivalOf(record, owner, sets);
  if (rival !== undefined) return rival;
  const beside = sets.filter(
    (set) => set.name === record.name && set.type !== record.type && (set.type === "CNAME" || record.type === "CNAME"),
  );
  for (const { type, values, identifier } of beside) {
    const view = viewOf(record.name, sets, identifier);
    for (const rdata of values) {
      const claims = claimsOn(view, type, rdata);
      const other = claims.find((claim) => !isMine(claim, owner));
      if (claims.length === 0) return "somebody that muster does not know";
      if (other !== undefined) return `instance ${other.instance} (account ${other.account}, ${other.region})`;
    }
  }
  return undefined;
}

/**
 * The owner of the name, if ours cannot stand beside it. An alias, as that of a balancer, exists on purpose. A name
 * from a tag also gives way to any other policy; a name of the catalogue that mixes policies is an error.
 */
function rivalOf(record: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): string | undefined {
  const same = sets.filter(({ name, type }) => name === record.name && type === record.type);
  const rivals = same.filter(({ policy }) => policy !== policyOf(record));
  const own = same.filter(({ identifier }) => identifier === identifierOf(record, owner));
  const alias = [...rivals, ...own].flatMap((set) => aliasTarget(set) ?? [])[0];
  if (alias !== undefined) return `an alias of ${alias}`;
  if (record.tag === undefined) return undefined;
  const rival = rivals.find(({ identifier }) =>
    identifier === undefined ? isShared(record, owner, sets) : identifier !== owner.instance,
  );
  return rival === undefined ? undefined : `records of another routing policy (${rival.policy})`;
}

/** Whether the set without routing holds foreign values. */
function isShared({ name, type }: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): boolean {
  const view = viewOf(name, sets, undefined);
  const claims = claimsOf(view).filter((claim) => claim.type === type);
  return unclaimed(view, type).length > 0 || claims.some((claim) => !isMine(claim, owner));
}

/** The identifiers of the sets in which the instance claims this value. */
function homesOf(record: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): readonly (string | undefined)[] {
  return [undefined, owner.instance].filter((identifier) =>
    claimsOn(viewOf(record.name, sets, identifier), record.type, rdataOf(record)).some((claim) => isMine(claim, owner)),
  );
}

function identifierOf(record: DnsRecord, owner: Owner): string | undefined {
  return record.routing === undefined ? undefined : owner.instance;
}

function policyOf(record: DnsRecord): Policy {
  return record.routing?.policy ?? "simple";
}

function weightOf(record: DnsRecord): number | undefined {
  return record.routing?.policy === "weighted" ? record.routing.weight : undefined;
}

function ttlOf(record: DnsRecord, owner: Owner, sets: readonly RecordSetSeen[]): number {
  return groupTtl(sets, record.name, record.type, identifierOf(record, owner)) ?? record.ttl;
}

/**
 * The TTL of the other sets of a weighted group: Route 53 requires the same TTL ("weighted sets must contain the same
 * TTL"), and only their owners may change it. So the group's TTL changes only once all others have left.
 */
function groupTtl(
  sets: readonly RecordSetSeen[],
  name: string,
  type: string,
  identifier: string | undefined,
): number | undefined {
  return sets.find(
    (set) => set.name === name && set.type === type && set.policy === "weighted" && set.identifier !== identifier,
  )?.ttl;
}
