import { MusterError } from "../../src/domain/errors/errors.ts";
import type { DnsRecord, Owner, RecordState } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import type { OwnedName, Registry } from "../../src/ports/registry.ts";

type Held = { readonly record: DnsRecord; readonly owners: Set<string> };

/** Everything is on one page, unless the test says how many names a page holds. */
export type FakeRegistry = Registry & {
  pageSize: number;
  /** As `ZONE from NAME`, in order. */
  readonly pages: string[];
  /** Claims of anybody, without a record: as a person or a bug might leave them. */
  readonly claims: OwnedName[];
};

/** Zones in memory. */
export type FakeDns = Dns & {
  /** Who owns what in these zones. */
  readonly registry: FakeRegistry;
  /** `publish NAME TYPE VALUE` and `withdraw …`, in order; looking is not listed. */
  readonly calls: readonly string[];
  /** How often it was looked at. */
  looks: number;
  /** Thrown by every call while it is set. */
  trouble: MusterError | undefined;
  /** Whether some servers have not dropped yet what is withdrawn. */
  spreading: boolean;
  /** A record that a person made. */
  plant(record: DnsRecord): void;
  /** As `NAME TTL TYPE VALUE`, sorted. */
  records(): readonly string[];
};

export function createFakeDns(zones: readonly string[]): FakeDns {
  const held = new Map<string, Held>();
  const calls: string[] = [];

  function check(record: Pick<DnsRecord, "zone">, signal: AbortSignal): void {
    signal.throwIfAborted();
    if (fake.trouble !== undefined) throw fake.trouble;
    if (zones.includes(record.zone)) return;
    throw new MusterError({ code: "dns-zone-missing", message: `no zone ${record.zone}`, hint: "Add it." });
  }

  /** Whoever holds something at the name that cannot stand beside the record, or undefined. */
  function inTheWay(record: DnsRecord, me: string): string | undefined {
    for (const other of held.values()) {
      if (other.record.name !== record.name || keyOf(other.record) === keyOf(record)) continue;
      const alias = other.record.type === "CNAME" || record.type === "CNAME";
      if (other.owners.size === 0 && (alias || other.record.type === record.type)) return "somebody unknown";
      const stranger = [...other.owners].find((owner) => owner !== me);
      if (alias && stranger !== undefined) return stranger;
    }
    return undefined;
  }

  function judge(record: DnsRecord, owner: Owner): RecordState {
    const me = nameOf(owner);
    const there = held.get(keyOf(record));
    if (there?.owners.size === 0) return { kind: "foreign", owner: "somebody unknown" };
    if (there?.owners.has(me) === true) {
      const { ttl } = there.record;
      return ttl === record.ttl ? { kind: "present" } : { kind: "differs", seen: `TTL ${ttl}` };
    }
    const holder = inTheWay(record, me);
    if (holder !== undefined) return { kind: "foreign", owner: holder };
    if (there === undefined && fake.spreading) return { kind: "withdrawing" };
    return there === undefined ? { kind: "absent" } : { kind: "differs", seen: "without our ownership record" };
  }

  function withdraw(record: DnsRecord, me: string): void {
    const there = held.get(keyOf(record));
    if (there?.owners.delete(me) === true && there.owners.size === 0) held.delete(keyOf(record));
  }

  function ownedIn(zone: string): readonly OwnedName[] {
    const owned = [...held.values()]
      .filter(({ record }) => record.zone === zone)
      .flatMap(({ record, owners }) => [...owners].map((owner) => ({ name: record.name, owner: ownerOf(owner) })));
    return [...owned, ...registry.claims].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  const registry: FakeRegistry = {
    pageSize: Number.POSITIVE_INFINITY,
    pages: [],
    claims: [],
    async page({ zone }, from, signal) {
      check({ zone }, signal);
      registry.pages.push(`${zone} from ${from ?? "the beginning"}`);
      const all = ownedIn(zone).filter(({ name }) => from === undefined || name >= from);
      const names = [...new Set(all.map(({ name }) => name))];
      const next = names[registry.pageSize];
      const owned = all.filter(({ name }) => next === undefined || name < next);
      return next === undefined ? { owned } : { owned, next };
    },
    async disown({ zone }, owner, names, signal) {
      check({ zone }, signal);
      const who = nameOf(owner);
      for (const { record } of held.values()) {
        if (record.zone !== zone || !names.includes(record.name) || held.get(keyOf(record))?.owners.has(who) !== true)
          continue;
        calls.push(`disown ${record.name} ${record.type} ${record.value} of ${owner.instance}`);
        withdraw(record, who);
      }
    },
  };

  const fake: FakeDns = {
    calls,
    registry,
    looks: 0,
    trouble: undefined,
    spreading: false,
    plant: (record) => held.set(keyOf(record), { record, owners: new Set() }),
    records: () =>
      [...held.values()].map(({ record: { name, ttl, type, value } }) => `${name} ${ttl} ${type} ${value}`).toSorted(),
    async check(zone, signal) {
      check(zone, signal);
    },
    async observe(records, owner, signal) {
      fake.looks += 1;
      for (const record of records) check(record, signal);
      return records.map((record) => judge(record, owner));
    },
    async apply(change, owner, signal) {
      check(change, signal);
      const me = nameOf(owner);
      for (const record of change.publish) {
        const state = judge(record, owner);
        if (state.kind !== "foreign") continue;
        const message = `${record.name} is held by ${state.owner}`;
        throw new MusterError({ code: "dns-name-owned", message, hint: "Choose another name." });
      }
      for (const record of change.withdraw) {
        calls.push(`withdraw ${record.name} ${record.type} ${record.value}`);
        withdraw(record, me);
      }
      for (const record of change.publish) {
        calls.push(`publish ${record.name} ${record.type} ${record.value}`);
        for (const { record: other } of held.values()) {
          const alias = other.type === "CNAME" || record.type === "CNAME";
          if (alias && other.name === record.name && keyOf(other) !== keyOf(record)) withdraw(other, me);
        }
        const owners = held.get(keyOf(record))?.owners ?? new Set();
        held.set(keyOf(record), { record, owners: owners.add(me) });
      }
    },
  };
  return fake;
}

function keyOf({ zone, name, type, value }: DnsRecord): string {
  return `${zone} ${name} ${type} ${value}`;
}

function ownerOf(name: string): Owner {
  const [, instance = "", account = "", region = ""] = /^instance (\S+) \(account (\S+), (\S+)\)$/.exec(name) ?? [];
  return { account, region, instance };
}

function nameOf({ account, region, instance }: Owner): string {
  return `instance ${instance} (account ${account}, ${region})`;
}
