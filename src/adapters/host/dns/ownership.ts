/**
 * Who owns a record: the rules, without I/O.
 *
 * Beside every name NAME that muster publishes stands `_muster.NAME` with one TXT value, a *claim*, for
 * every instance and record under it:
 * `heritage=muster,account=A,region=R,instance=I,type=T,value=V`. From them follows:
 *
 * 1. A value is *claimed* by the instances whose claims name its type and value. A value without a claim is
 *    somebody else's (a person's, another tool's): it is never taken away, and nothing is added to the
 *    record set that it is in.
 * 2. A set in which every value is claimed is shared: each instance adds and removes its own claim, and the
 *    value itself goes only with its last claim. So two instances may publish one value, and a new instance
 *    may get the address of a dead one.
 * 3. A CNAME stands alone. One that another instance claims with another value, or any other record where
 *    a CNAME shall be, is foreign. What the instance itself claims and what stands in the way gives way in
 *    the same update.
 * 4. Every update says what was seen of each set it touches (its exact values, or that there is none): when
 *    anything changed meanwhile, nothing is done and the judgement is made again.
 */
import { createHash } from "node:crypto";
import type { DnsRecord, Owner, RecordState } from "../../../domain/membership/membership.ts";
import { quoteText, rdataOf, textOf } from "./rdata.ts";

/** What one name holds; data in canonical form. */
export type NameSeen = {
  /** By type. */
  readonly sets: ReadonlyMap<string, RecordSet>;
  /** The TXT data at the ownership name. */
  readonly ownership: readonly string[];
};

export type RecordSet = { readonly ttl: number; readonly values: readonly string[] };

/** One claim on one value. */
export type Claim = Owner & { readonly type: string; readonly value: string; readonly rdata: string };

/** @param number which of several, where one set takes only so many claims (route53-draft.ts) */
export function ownershipName(name: string, number = 1): string {
  return number === 1 ? `_muster.${name}` : `_muster-${number}.${name}`;
}

/** The name beside which an ownership name stands; undefined for any other. */
export function ownedName(name: string): string | undefined {
  return /^_muster(?:-\d{1,3})?\.(.+)$/.exec(name)?.[1];
}

/** The TXT data that claims a record. */
export function claimRdata(record: DnsRecord, owner: Owner): string {
  const { account, region, instance } = owner;
  return writeFields({
    heritage: "muster",
    account,
    region,
    instance,
    type: record.type,
    value: claimedValue(record.type, rdataOf(record)),
  });
}

/** The claims among the ownership TXT values; other values are skipped. */
export function claimsOf(seen: NameSeen): readonly Claim[] {
  return seen.ownership.flatMap((rdata) => {
    const fields = readFields(rdata);
    const [account, region, instance] = [fields.get("account"), fields.get("region"), fields.get("instance")];
    const [type, value] = [fields.get("type"), fields.get("value")];
    if (fields.get("heritage") !== "muster" || account === undefined || region === undefined) return [];
    if (instance === undefined || type === undefined || value === undefined) return [];
    return [{ account, region, instance, type, value, rdata }];
  });
}

/** The claims on one value. */
export function claimsOn(seen: NameSeen, type: string, rdata: string): readonly Claim[] {
  return claimsOf(seen).filter((claim) => isOn(claim, type, rdata));
}

/** Whether it is a claim on this value. */
export function isOn(claim: Claim, type: string, rdata: string): boolean {
  return claim.type === type && claim.value === claimedValue(type, rdata);
}

export function isMine(claim: Owner, owner: Owner): boolean {
  return claim.account === owner.account && claim.region === owner.region && claim.instance === owner.instance;
}

/** Values without a claim. */
export function unclaimed(seen: NameSeen, type: string): readonly string[] {
  const claimed = new Set(claimsOf(seen).flatMap((claim) => (claim.type === type ? [claim.value] : [])));
  return valuesOf(seen, type).filter((rdata) => !claimed.has(claimedValue(type, rdata)));
}

export function valuesOf(seen: NameSeen, type: string): readonly string[] {
  return seen.sets.get(type)?.values ?? [];
}

/** The instance's own claims that cannot stand beside the record. */
export function ownInTheWay(record: DnsRecord, owner: Owner, seen: NameSeen): readonly Claim[] {
  const wanted = claimedValue(record.type, rdataOf(record));
  return claimsOf(seen).filter(
    (claim) =>
      isMine(claim, owner) &&
      (record.type === "CNAME" ? claim.type !== "CNAME" || claim.value !== wanted : claim.type === "CNAME"),
  );
}

/** The state of the name for a record that the owner wants, or wants away. */
export function judge(record: DnsRecord, owner: Owner, seen: NameSeen): RecordState {
  const { type } = record;
  const rdata = rdataOf(record);
  const holder = foreignInTheWay(record, owner, seen);
  if (holder !== undefined) return { kind: "foreign", owner: holder };
  const set = seen.sets.get(type);
  const claims = claimsOn(seen, type, rdata);
  const mine = claims.some((claim) => isMine(claim, owner));
  if (set?.values.includes(rdata) === true) {
    if (claims.length === 0) return { kind: "foreign", owner: nobodyKnown };
    if (!mine) return { kind: "differs", seen: "published without this instance's ownership record" };
    return set.ttl === record.ttl ? { kind: "present" } : { kind: "differs", seen: `TTL ${set.ttl}` };
  }
  if (unclaimed(seen, type).length > 0) return { kind: "foreign", owner: nobodyKnown };
  return mine ? { kind: "differs", seen: "an ownership record without its record" } : { kind: "absent" };
}

const nobodyKnown = "somebody that muster does not know";

/** The owner of records that cannot stand beside this one. */
function foreignInTheWay(record: DnsRecord, owner: Owner, seen: NameSeen): string | undefined {
  const rdata = rdataOf(record);
  const aliases = valuesOf(seen, "CNAME").filter((alias) => record.type !== "CNAME" || alias !== rdata);
  for (const alias of aliases) {
    const claims = claimsOn(seen, "CNAME", alias);
    if (claims.length === 0) return nobodyKnown;
    const other = claims.find((claim) => !isMine(claim, owner));
    if (other !== undefined) return instanceOf(other);
  }
  if (record.type !== "CNAME") return undefined;
  const other = claimsOf(seen).find((claim) => claim.type !== "CNAME" && !isMine(claim, owner));
  return other === undefined ? undefined : instanceOf(other);
}

function instanceOf(claim: Claim): string {
  return `instance ${claim.instance} (account ${claim.account}, ${claim.region})`;
}

/** The value as a claim names it: texts may be long, so claims contain their digest. */
function claimedValue(type: string, rdata: string): string {
  if (type !== "TXT") return rdata;
  return `sha256:${createHash("sha256").update(textOf(rdata)).digest("hex").slice(0, 32)}`;
}

/** TXT data of named fields, with any values. */
export function writeFields(fields: Readonly<Record<string, string>>): string {
  return quoteText(
    Object.entries(fields)
      .map(([key, value]) => `${key}=${escapeField(value)}`)
      .join(","),
  );
}

/** The fields of TXT data; for any other text, everything that looks like a field. */
export function readFields(rdata: string): ReadonlyMap<string, string> {
  return new Map(
    textOf(rdata)
      .split(",")
      .map((field) => [field.slice(0, field.indexOf("=")), unescapeField(field.slice(field.indexOf("=") + 1))]),
  );
}

function escapeField(value: string): string {
  return [...Buffer.from(value, "utf8")]
    .map((byte) => {
      const character = String.fromCodePoint(byte);
      return /[A-Za-z0-9._:@/-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

function unescapeField(value: string): string {
  if (!value.includes("%")) return value;
  const bytes = [...value.matchAll(/%([0-9a-f]{2})|([^%]|%)/gs)].map(([, code, character]) =>
    code === undefined ? Buffer.from(character ?? "", "utf8") : Buffer.from([Number.parseInt(code, 16)]),
  );
  return Buffer.concat(bytes).toString("utf8");
}
