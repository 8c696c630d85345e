import { withinDeadline } from "../../lib/async/deadline.ts";
import type { ZoneName } from "../../domain/membership/zone.ts";
import type { Clock } from "../../ports/clock.ts";
import { askDns, type Asked, type DnsAnswer, type NameServer } from "../host/dns/ask.ts";

/** Where the servers of a zone are asked. */
export type ZoneServersDeps = {
  /** Of this machine: on EC2 the VPC's resolver, at the second address of the VPC, or a stub of this host before it. */
  readonly resolvers: () => Promise<readonly NameServer[]>;
  readonly clock: Pick<Clock, "sleep" | "random" | "monotonicMs">;
  /** Of the zone's name servers. */
  readonly port?: number | undefined;
};

/** An answer, or why there is none. */
type Answered = DnsAnswer | { readonly why: string };

/** What is answered of a zone, in the order asked. */
export type ZoneAnswers = {
  readonly answers: readonly Answered[];
  /** Whether a cache may have answered. */
  readonly cached: boolean;
};

/** How long a server may take to answer, in milliseconds; then the next one is asked. */
const serverMs = 2_000;

/** A zone has four name servers; so many are tried, by IPv4 and IPv6: without a route the kernel says so at once. */
const triedNames = 2;

/** In the NS set of every private zone (Developer Guide, "Working with private hosted zones"); a public one has others. */
const privateServer = "ns-0.awsdns-00.com";

const nowhere: Way = { servers: [], cached: false };

/** How long it is kept where a zone is asked, in milliseconds. */
const keptMs = 60 * 60_000;

/** Where a zone is asked. */
type Way = { readonly servers: readonly NameServer[]; readonly cached: boolean };

/**
 * Asks the DNS servers of Route 53 zones. DNS tells which they are, through this machine's resolver: no answer of Route
 * 53's API that is read anyway holds them.
 *
 * A public zone is asked at its own name servers, without recursion. An answer that is not authoritative comes from
 * something in between, and is none.
 *
 * A private zone is answered by the VPC's resolver alone. Every private zone has the same four names in its NS set: by
 * them the VPC is seen to answer from a private zone. The resolver keeps answers up to their TTL, as a stub of this host
 * may.
 */
export function createZoneServers({ resolvers, clock, port = 53 }: ZoneServersDeps) {
  const kept = new Map<string, { readonly way: Way; readonly atMs: number }>();

  /** The answer of the first of these servers that has one. */
  async function askAny({ servers, cached }: Way, question: Asked, signal: AbortSignal): Promise<Answered> {
    let why = "no server to ask";
    for (const at of servers) {
      try {
        const work = (own: AbortSignal) => askDns(at, question, { recursive: cached }, own);
        const answer = await withinDeadline(serverMs, clock, signal, work, () => new Error("no answer in time"));
        const isUsable = answer.status === "NOERROR" || answer.status === "NXDOMAIN";
        if (isUsable && (cached || answer.authoritative)) return answer;
        why = isUsable ? `${at.address} does not answer for the zone itself` : `${at.address} says ${answer.status}`;
      } catch (error) {
        signal.throwIfAborted();
        why = `${at.address}: ${error instanceof Error ? error.message : "no answer"}`;
      }
    }
    return { why };
  }

  async function lookUp(name: string, type: Asked["type"], signal: AbortSignal): Promise<readonly string[]> {
    const answer = await askAny({ servers: await resolvers(), cached: true }, { name, type }, signal);
    return "why" in answer ? [] : answer.records.filter((one) => one.type === type).map(({ rdata }) => rdata);
  }

  async function findWay({ zone, visibility }: ZoneName, signal: AbortSignal): Promise<Way> {
    const names = (await lookUp(zone, "NS", signal)).map((name) => name.replace(/\.$/, ""));
    if (names.length === 0) return nowhere;
    const isPrivate = names.includes(privateServer);
    // The VPC answers from the other zone of that name.
    if (visibility !== undefined && isPrivate !== (visibility === "private")) return nowhere;
    if (isPrivate) return { servers: await resolvers(), cached: true };
    const some = shuffled(names, clock).slice(0, triedNames);
    const lookUps = some.flatMap((name) => [lookUp(name, "A", signal), lookUp(name, "AAAA", signal)]);
    const found = await Promise.all(lookUps);
    return {
      servers: found.flatMap(([address]) => (address === undefined ? [] : [{ address, port }])),
      cached: false,
    };
  }

  async function wayTo(zone: ZoneName, signal: AbortSignal): Promise<Way> {
    const key = `${zone.zone} ${zone.visibility ?? ""}`;
    const before = kept.get(key);
    if (before !== undefined && clock.monotonicMs() - before.atMs < keptMs) return before.way;
    const way = await findWay(zone, signal);
    if (way.servers.length > 0) kept.set(key, { way, atMs: clock.monotonicMs() });
    return way;
  }

  return {
    /** @throws the signal's reason */
    async ask(zone: ZoneName, questions: readonly Asked[], signal: AbortSignal): Promise<ZoneAnswers> {
      const way = await wayTo(zone, signal);
      // The resolvers of a host have an order; the servers of a zone have none.
      const servers = way.cached ? way.servers : shuffled(way.servers, clock);
      const answers = await Promise.all(questions.map((one) => askAny({ ...way, servers }, one, signal)));
      return { answers, cached: way.cached };
    },
  };
}

function shuffled<T>(items: readonly T[], { random }: Pick<Clock, "random">): readonly T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
