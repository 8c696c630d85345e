import { backOff } from "../../lib/async/backoff.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { DnsRecord, Owner, RecordState } from "../../domain/membership/membership.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Dns, DnsChange } from "../../ports/dns.ts";
import type { exec as Exec } from "../host/exec.ts";
import { askServer } from "./dig.ts";
import { updateOf } from "./dns-update.ts";
import { isServerFailure, sendUpdate, zoneMissing } from "./nsupdate.ts";
import { seenIn, type Question } from "../host/dns/answers.ts";
import { claimsOf, judge, ownershipName, unclaimed } from "../host/dns/ownership.ts";
import type { NameSeen } from "../host/dns/ownership.ts";

export type Rfc2136Deps = {
  readonly at: { readonly server: string; readonly port: number; readonly keyFile: string };
  readonly exec: typeof Exec;
  readonly clock: Clock;
};

/** How often an update is planned anew after another instance was faster. Many instances may share one name. */
const attempts = 10;
const betweenAttempts = { firstMs: 50, maxMs: 1_000 };

/**
 * Any DNS server that takes signed dynamic updates (RFC 2136, TSIG), by dig and nsupdate. ownership.ts has the rules of
 * ownership.
 */
export function createRfc2136(deps: Rfc2136Deps): Dns {
  return {
    async check({ zone }, signal) {
      const answer = await askServer(deps.at, [{ name: zone, type: "SOA" }], deps.exec, signal);
      if (!answer.some(({ name, type }) => name === zone && type === "SOA")) throw zoneMissing("no SOA", deps.at, zone);
      // Without changes: the server says whether it knows the key.
      await sendUpdate(deps.at, zone, [`prereq yxrrset ${zone}. SOA`], deps.exec, signal);
    },
    async observe(records, owner, signal) {
      const seen = await observe(records, deps, signal);
      return records.map((record) => (isWeighted(record) ? absent : judge(record, owner, seen(record.name))));
    },
    async apply(change, owner, signal) {
      refuseWeighted(change);
      let inUse: string | undefined;
      for (let attempt = 1; attempt <= attempts; attempt += 1) {
        const seen = await observe([...change.publish, ...change.withdraw], deps, signal);
        refuseForeign(change, owner, seen);
        const { conditions, changes } = updateOf(change, owner, seen);
        if (changes.length === 0) return;
        const lines = [...conditions, ...changes];
        const outcome = await sendUpdate(deps.at, change.zone, lines, deps.exec, signal).catch((error: unknown) => {
          throw (isServerFailure(error) ? fullOf(change, seen) : undefined) ?? error;
        });
        if (outcome === "done") return;
        // The same plan and the same answer twice: the name holds records that were not read.
        if (outcome === "name-in-use" && inUse === lines.join("\n")) throw aliasInTheWay(change);
        if (outcome === "name-in-use") inUse = lines.join("\n");
        await backOff(betweenAttempts, attempt, deps.clock, signal);
      }
      throw contended(change);
    },
  };
}

const absent: RecordState = { kind: "absent" };

/** Plain DNS answers with every value of a name equally: that is `multivalue`; it has no weights. */
function isWeighted({ routing }: DnsRecord): boolean {
  return routing?.policy === "weighted";
}

function refuseWeighted({ publish }: DnsChange): void {
  const weighted = publish.find(isWeighted);
  if (weighted === undefined) return;
  throw new MusterError({
    code: "dns-routing-unsupported",
    message: `${weighted.type} ${weighted.name} is to be weighted, and servers that take RFC 2136 updates know no weights`,
    hint: "Leave routing: weighted to roles that run on aws, or use routing: multivalue.",
  });
}

type Seen = (name: string) => NameSeen;

/** The present content of these names. */
async function observe(records: readonly DnsRecord[], deps: Rfc2136Deps, signal: AbortSignal): Promise<Seen> {
  const zones = new Map(records.map(({ name, zone }) => [name, zone]));
  // A CNAME at the name is in every answer, for any type.
  const asked = distinct([
    ...records.map(({ name, type }) => ({ name, type })),
    ...[...zones.keys()].map((name) => ({ name: ownershipName(name), type: "TXT" })),
  ]);
  const first = await askServer(deps.at, asked, deps.exec, signal);
  // A CNAME has to stand alone: read muster's other records at the name too.
  const claimed = records
    .filter(({ type }) => type === "CNAME")
    .flatMap(({ name }) => claimsOf(seenIn(first, name)).map(({ type }) => ({ name, type })));
  const unasked = distinct([...asked, ...claimed]).slice(asked.length);
  const answered = [...first, ...(await askServer(deps.at, unasked, deps.exec, signal))];
  const names = new Map<string, NameSeen>();
  for (const [name, zone] of zones) {
    names.set(name, await withoutWildcards(name, zone, seenIn(answered, name), deps, signal));
  }
  return (name) => names.get(name) ?? { sets: new Map(), ownership: [] };
}

function distinct(questions: readonly Question[]): readonly Question[] {
  return [...new Map(questions.map((question) => [`${question.name} ${question.type}`, question])).values()];
}

/**
 * Without the answers of a wildcard of the zone: such a name holds nothing of its own. Only the conditions of an update
 * can tell the two apart, so an update without changes is sent, and only if there are unclaimed records.
 */
async function withoutWildcards(
  name: string,
  zone: string,
  seen: NameSeen,
  deps: Rfc2136Deps,
  signal: AbortSignal,
): Promise<NameSeen> {
  async function exists(at: string, type: string): Promise<boolean> {
    return (await sendUpdate(deps.at, zone, [`prereq yxrrset ${at}. ${type}`], deps.exec, signal)) === "done";
  }
  const sets = new Map(seen.sets);
  for (const type of seen.sets.keys()) {
    if (unclaimed(seen, type).length > 0 && !(await exists(name, type))) sets.delete(type);
  }
  const strange = seen.ownership.length > 0 && claimsOf(seen).length === 0;
  const ownership = strange && !(await exists(ownershipName(name), "TXT")) ? [] : seen.ownership;
  return { sets, ownership };
}

function refuseForeign(change: DnsChange, owner: Owner, seen: Seen): void {
  for (const record of change.publish) {
    const state = judge(record, owner, seen(record.name));
    if (state.kind === "foreign") throw owned(record, state.owner);
  }
}

function owned(record: DnsRecord, holder: string): MusterError {
  return new MusterError({
    code: "dns-name-owned",
    message: `${record.type} ${record.name} is held by ${holder}: it was not touched`,
    hint: "Choose another name in the catalogue, or remove the record there if nobody needs it.",
  });
}

function aliasInTheWay(change: DnsChange): MusterError {
  const names = change.publish.filter(({ type }) => type === "CNAME").map(({ name }) => name);
  return new MusterError({
    code: "dns-name-owned",
    message: `A CNAME cannot stand at ${names.join(", ")}: the name holds other records, which were not touched`,
    hint: "Choose another name in the catalogue, or remove those records if nobody needs them.",
  });
}

/**
 * BIND takes 100 records of one name and type since 9.18.28, unless `max-records-per-type` says otherwise, and answers
 * SERVFAIL to an update that would make more (https://github.com/openwrt/packages/pull/24818, CVE-2024-1737).
 */
const usualRecords = 100;

/** The set that the change would make too large for BIND; undefined if none is. */
function fullOf({ publish }: DnsChange, seen: Seen): MusterError | undefined {
  for (const { name, type } of publish) {
    const { sets, ownership } = seen(name);
    const most = Math.max(sets.get(type)?.values.length ?? 0, ownership.length);
    if (most < usualRecords) continue;
    return new MusterError({
      code: "dns-name-full",
      message: `${type} ${name} or its ownership name has ${most} records, and the DNS server takes no more (SERVFAIL)`,
      hint: "Raise `max-records-per-type` of the zone at the server (BIND's default is 100), or spread the instances over several names.",
    });
  }
  return undefined;
}

function contended(change: DnsChange): MusterError {
  return new MusterError({
    code: "dns-contended",
    message: `Zone ${change.zone} was changed by others ${attempts} times while this instance tried to`,
    hint: "Many instances under one name come in one after the other.",
    transient: true,
  });
}
