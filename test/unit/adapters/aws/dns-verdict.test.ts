import { expect, test } from "vitest";
import { verdictOf } from "../../../../src/adapters/aws/dns-verdict.ts";
import { claimRdata } from "../../../../src/adapters/host/dns/ownership.ts";
import type { DnsRecord, Owner, Routing } from "../../../../src/domain/membership/membership.ts";

const me: Owner = { account: "111122223333", region: "eu-west-1", instance: "i-0a1b2c3d4e5f60718" };
const other: Owner = { ...me, instance: "i-0ffffffffffffffff" };
const record: DnsRecord = { zone: "example.com", name: "web.example.com", type: "A", ttl: 30, value: "192.0.2.1" };
const others = Array.from({ length: 8 }, (_, at) => `198.51.100.${at}`);
const multivalue: Routing = { policy: "multivalue" };
const weighted: Routing = { policy: "weighted", weight: 10 };

type Answered = {
  readonly routing?: Routing;
  readonly healthCheck?: string;
  /** Of the cache that answered. */
  readonly cachedFor?: number;
  readonly ttl?: number;
  readonly type?: string;
  readonly values: readonly string[];
  readonly claim?: Owner;
};

/** In short: the kind, and after how many seconds a missing name is gone. */
function verdict({ routing, healthCheck, cachedFor, ttl = 30, type = "A", values, claim = me }: Answered): string {
  const sets = new Map(values.length === 0 ? [] : [[type, { ttl, values }]]);
  const wanted = { ...record, routing, healthCheck };
  const answered = verdictOf(wanted, me, { seen: { sets, ownership: [claimRdata(record, claim)] }, cachedFor });
  return answered.kind === "missing" ? `missing ${answered.lateMs / 1_000}` : answered.kind;
}

test.each<[string, Answered, string]>([
  ["the value, its TTL and its claim", { values: ["192.0.2.1"] }, "confirmed"],
  ["among the values of others", { values: [...others, "192.0.2.1"] }, "confirmed"],
  ["another TTL", { values: ["192.0.2.1"], ttl: 60 }, "present"],
  ["what is left of the TTL in a cache", { values: ["192.0.2.1"], ttl: 7, cachedFor: 7 }, "confirmed"],
  ["the claim of another instance alone", { values: ["192.0.2.1"], claim: other }, "present"],
  ["values of others alone", { values: others }, "missing 60"],
  ["nothing", { values: [] }, "missing 60"],
  ["nothing, from a cache that keeps that for 15 minutes", { values: [], cachedFor: 900 }, "missing 960"],
  ["an alias in its place", { values: ["other.example.com."], type: "CNAME" }, "missing 60"],
  ["multivalue: the value", { routing: multivalue, values: ["192.0.2.1"] }, "present"],
  ["multivalue: seven others are all that there are", { routing: multivalue, values: others.slice(1) }, "missing 60"],
  ["multivalue: eight others are perhaps not all", { routing: multivalue, values: others }, "unknown"],
  ["multivalue: nothing", { routing: multivalue, values: [] }, "missing 60"],
  ["multivalue: a health check may leave it out", { routing: multivalue, healthCheck: "c", values: [] }, "unknown"],
  [
    "multivalue: a health check that passes",
    { routing: multivalue, healthCheck: "c", values: ["192.0.2.1"] },
    "present",
  ],
  ["weighted: the value", { routing: weighted, values: ["192.0.2.1"] }, "present"],
  ["weighted: one of the others", { routing: weighted, values: ["198.51.100.1"] }, "unknown"],
  ["weighted: nothing", { routing: weighted, values: [] }, "unknown"],
])("%s", (_, answered, expected) => {
  expect(verdict(answered)).toBe(expected);
});
