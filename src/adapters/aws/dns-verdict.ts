import { longestSpreadMs } from "../../domain/membership/leaving.ts";
import type { DnsRecord, DnsVerdict, Owner } from "../../domain/membership/membership.ts";
import { judge, valuesOf, type NameSeen } from "../host/dns/ownership.ts";
import { rdataOf } from "../host/dns/rdata.ts";

/** What servers answered of a record's name. */
export type NameAnswered = {
  readonly seen: NameSeen;
  /** Answers of a cache may be as old as this, in seconds; absent: the zone's own servers answered. */
  readonly cachedFor?: number | undefined;
};

/** "up to eight healthy records" (Route 53 API Reference, ResourceRecordSet, MultiValueAnswer). */
const mostAnswered = 8;

/**
 * What answers say of one record, by the rules of Route 53's routing. Pure.
 *
 * | set | with the own value | without it |
 * |---|---|---|
 * | without `routing`: all values are answered | confirmed with TTL and claim, else present | missing |
 * | `multivalue`, fewer than eight answered, no health check | present | missing: all healthy sets are answered |
 * | `multivalue` otherwise | present | unknown: eight of the sets, or a health check left it out |
 * | `weighted` | present | unknown: one of the sets is answered |
 */
export function verdictOf(record: DnsRecord, owner: Owner, { seen, cachedFor }: NameAnswered): DnsVerdict {
  const values = valuesOf(seen, record.type);
  if (values.includes(rdataOf(record))) {
    // What is left of the TTL in a cache says nothing.
    const ttl = cachedFor === undefined ? record.ttl : (seen.sets.get(record.type)?.ttl ?? record.ttl);
    const isWhole = record.routing === undefined && judge({ ...record, ttl }, owner, seen).kind === "present";
    return { kind: isWhole ? "confirmed" : "present" };
  }
  const isComplete =
    record.routing === undefined ||
    (record.routing.policy === "multivalue" && record.healthCheck === undefined && values.length < mostAnswered);
  if (!isComplete) return { kind: "unknown", why: "Route 53 answers with some of the values" };
  return { kind: "missing", lateMs: longestSpreadMs + (cachedFor ?? 0) * 1_000 };
}
