import { answerWithin } from "../../lib/async/deadline.ts";
import type { DnsRecord, DnsVerdict, Owner } from "../../domain/membership/membership.ts";
import type { Dns } from "../../ports/dns.ts";
import { seenIn } from "../host/dns/answers.ts";
import type { Asked, DnsAnswer } from "../host/dns/ask.ts";
import { ownershipName } from "../host/dns/ownership.ts";
import { verdictOf } from "./dns-verdict.ts";
import { createZoneServers, type ZoneServersDeps } from "./zone-servers.ts";

/** All questions of one call, in milliseconds. */
const limitMs = 15_000;

/** The TTL of the SOA with which Route 53 makes a zone: absence is remembered for so long, in seconds (Developer Guide, "SOA"). */
const usualNegativeTtl = 900;

/** Asks the DNS servers of Route 53 zones about records: no request of the account's. */
export function createRoute53Check(deps: ZoneServersDeps): NonNullable<Dns["verify"]> {
  const servers = createZoneServers(deps);

  async function verifyOne(record: DnsRecord, owner: Owner, signal: AbortSignal): Promise<DnsVerdict> {
    const { answers, cached } = await servers.ask(record, questionsOf(record), signal);
    const usable = answers.flatMap((one) => ("why" in one ? [] : [one]));
    const failed = answers.flatMap((one) => ("why" in one ? [one.why] : []))[0];
    if (failed !== undefined) return unknown(failed);
    const records = usable.flatMap((one) => one.records);
    const seen = seenIn(records, record.name);
    return verdictOf(record, owner, { seen, cachedFor: cached ? cachedFor(usable) : undefined });
  }

  return async (records, owner, signal) => {
    const verdicts: DnsVerdict[] = [];
    await answerWithin(limitMs, deps.clock, signal, async (own) => {
      for (const record of records) verdicts.push(await verifyOne(record, owner, own));
    });
    return records.map((_, at) => verdicts[at] ?? unknown("no answer in time"));
  };
}

function unknown(why: string): DnsVerdict {
  return { kind: "unknown", why };
}

/** A routed set answers with some of its claims, which proves nothing. */
function questionsOf({ name, type, routing }: DnsRecord): readonly Asked[] {
  return routing === undefined
    ? [
        { name, type },
        { name: ownershipName(name), type: "TXT" },
      ]
    : [{ name, type }];
}

/** How long a cache may go on with these answers, in seconds. */
function cachedFor(answers: readonly DnsAnswer[]): number {
  return Math.max(
    ...answers.map(({ records, negativeTtl = usualNegativeTtl }) =>
      records.length === 0 ? negativeTtl : Math.max(...records.map(({ ttl }) => ttl)),
    ),
  );
}
