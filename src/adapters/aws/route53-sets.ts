/** Route 53's record sets in the terms of ownership.ts: names without a trailing dot, data in canonical form. Pure. */
import type { DnsRecord } from "../../domain/membership/membership.ts";
import type { NameSeen } from "../host/dns/ownership.ts";
import { ownedName } from "../host/dns/ownership.ts";
import { canonicalRdata } from "../host/dns/rdata.ts";
import type { ResourceRecordSet } from "./sdk/route53.ts";

/** `other`: latency, failover and the like, which muster never makes. */
export type Policy = "simple" | "multivalue" | "weighted" | "other";

export type RecordSetSeen = {
  readonly name: string;
  readonly type: string;
  /** Distinguishes the sets of one name and type; absent: the only one. */
  readonly identifier?: string | undefined;
  readonly policy: Policy;
  readonly weight?: number | undefined;
  readonly healthCheck?: string | undefined;
  readonly ttl: number;
  readonly values: readonly string[];
};

/** A set as it was read, with the exact content that a deletion has to repeat. */
export type StoredSet = { readonly set: RecordSetSeen; readonly stored: ResourceRecordSet };

const aliasOf = "alias of ";

/** The target of an alias, as a balancer's name; undefined for any other set. */
export function aliasTarget({ values: [value] }: RecordSetSeen): string | undefined {
  return value?.startsWith(aliasOf) === true ? value.slice(aliasOf.length) : undefined;
}

export function readSet(stored: ResourceRecordSet): StoredSet {
  const { Name = "", Type: type = "", SetIdentifier: identifier, Weight: weight, TTL: ttl = 0 } = stored;
  // An alias has no values, so it cannot be claimed.
  const printed = stored.AliasTarget?.DNSName;
  const values =
    printed === undefined
      ? (stored.ResourceRecords ?? []).map(({ Value = "" }) => valueSeen(type, Value))
      : [`${aliasOf}${plainName(printed)}`];
  const policy = policyOf(stored);
  const healthCheck = stored.HealthCheckId;
  return { set: { name: plainName(Name), type, identifier, policy, weight, healthCheck, ttl, values }, stored };
}

/** The content that creates the set. */
export function writeSet({
  name,
  type,
  identifier,
  policy,
  weight,
  healthCheck,
  ttl,
  values,
}: RecordSetSeen): ResourceRecordSet {
  return {
    Name: `${name}.`,
    Type: typeOf(type),
    TTL: ttl,
    ResourceRecords: values.map((value) => ({ Value: valueSent(type, value) })),
    ...(identifier === undefined ? {} : { SetIdentifier: identifier }),
    ...(policy === "weighted" ? { Weight: weight ?? 0 } : {}),
    ...(policy === "multivalue" ? { MultiValueAnswer: true } : {}),
    ...(healthCheck === undefined ? {} : { HealthCheckId: healthCheck }),
  };
}

/** The part of one name with one identifier. */
export function viewOf(name: string, sets: readonly RecordSetSeen[], identifier: string | undefined): NameSeen {
  const mine = sets.filter((set) => set.identifier === identifier);
  const ownership = mine.filter((set) => ownedName(set.name) === name && set.type === "TXT");
  return {
    sets: new Map(mine.filter((set) => set.name === name).map(({ type, ttl, values }) => [type, { ttl, values }])),
    ownership: ownership.flatMap(({ values }) => values),
  };
}

export function keyOf({ name, type, identifier }: Pick<RecordSetSeen, "name" | "type" | "identifier">): string {
  return JSON.stringify([name, type, identifier]);
}

/**
 * The position of a name in a listing: sorted by reversed labels with a trailing dot, in ASCII order (Route 53 API
 * Reference, "ListResourceRecordSets", sort order). So `_muster.NAME` comes soon after NAME.
 */
export function orderOf(name: string): string {
  return `${printedName(name).split(".").toReversed().join(".")}.`;
}

/** A name as Route 53 prints it: an asterisk is an octal escape there (Developer Guide, "DNS domain name format"). */
function printedName(name: string): string {
  return name.replaceAll("*", String.raw`\052`);
}

function plainName(printed: string): string {
  const text = printed.replaceAll(/\\([0-3][0-7]{2})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 8)),
  );
  return text.toLowerCase().replace(/\.$/, "");
}

function policyOf(stored: ResourceRecordSet): Policy {
  if (stored.SetIdentifier === undefined) return "simple";
  if (stored.MultiValueAnswer === true) return "multivalue";
  return stored.Weight === undefined ? "other" : "weighted";
}

/** Texts escape in octal here, and in decimal in canonical form, as elsewhere in DNS. */
function valueSeen(type: string, value: string): string {
  if (type === "CNAME") return canonicalRdata(type, value.endsWith(".") ? value : `${value}.`);
  if (type !== "TXT") return canonicalRdata(type, value);
  const decimal = value.replaceAll(/\\(?:([0-3][0-7]{2})|(.))/gs, (_, code: string | undefined, other: string) =>
    code === undefined ? `\\${other}` : `\\${Number.parseInt(code, 8).toString().padStart(3, "0")}`,
  );
  return canonicalRdata(type, decimal);
}

function valueSent(type: string, value: string): string {
  if (type !== "TXT") return value;
  return value.replaceAll(/\\(\d{3})/g, (_, code: string) => `\\${Number(code).toString(8).padStart(3, "0")}`);
}

function typeOf(type: string): DnsRecord["type"] {
  if (type === "A" || type === "AAAA" || type === "CNAME" || type === "TXT") return type;
  throw new Error(`muster never writes ${type} records`);
}
