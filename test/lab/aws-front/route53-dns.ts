// How Route 53 answers over DNS, from the records that aws-front holds. README.md has the sources.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import packet, { type Answer, type DecodedPacket, type Packet } from "dns-packet";
import { absolute } from "./route53-xml.ts";
import type { RecordSet } from "./route53-batch.ts";

/** The content of one zone, without its SOA. */
export interface ZoneContent {
  /** Absolute, with a trailing dot. */
  readonly name: string;
  readonly sets: () => readonly RecordSet[];
  /** The health checks that fail now. */
  readonly unhealthy?: ReadonlySet<string>;
}

export interface Found {
  readonly status: "NOERROR" | "NXDOMAIN" | "REFUSED" | "SERVFAIL";
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
}

export type Responder = (name: string, type: string) => Found;

export interface DnsEndpoint {
  readonly address: string;
  readonly port: number;
  /** `silent` takes questions and never answers; `garbage` answers with bytes that are no message. */
  mode: "answers" | "silent" | "garbage" | "SERVFAIL" | "REFUSED";
  /** Whether it says that it answers for its own zone. */
  authoritative: boolean;
  /** What it was asked, as `udp NAME TYPE`, with `rd` where it may ask others. */
  readonly asked: string[];
  stop(): Promise<void>;
}

const mostAnswered = 8;
const refused: Found = { status: "REFUSED", answers: [], authorities: [] };

/** As the name servers of the zone answer. @param random from 0 to 1, which sets are answered */
export function answersOf(zones: readonly ZoneContent[], random: () => number = Math.random): Responder {
  return (asked, type) => {
    const name = absolute(asked.toLowerCase());
    const zone = zones.find((one) => name === one.name || name.endsWith(`.${one.name}`));
    if (zone === undefined) return refused;
    const sets = zone.sets();
    const at = sets.filter((set) => set.name === name);
    const fitting = at.filter((set) => set.type === type || set.type === "CNAME");
    const answers = chosen(fitting, zone.unhealthy ?? new Set(), random).flatMap(answersIn);
    const exists = at.length > 0 || name === zone.name || sets.some((set) => set.name.endsWith(`.${name}`));
    const soa: Answer = {
      type: "SOA",
      name: zone.name,
      ttl: 900,
      data: { mname: "ns-1.awsdns-00.com", rname: "x", minimum: 86_400 },
    };
    return { status: exists ? "NOERROR" : "NXDOMAIN", answers, authorities: answers.length === 0 ? [soa] : [] };
  };
}

/** The sets of one name and type that are answered this time. */
function chosen(
  sets: readonly RecordSet[],
  unhealthy: ReadonlySet<string>,
  random: () => number,
): readonly RecordSet[] {
  const healthy = sets.filter(({ healthCheck }) => healthCheck === undefined || !unhealthy.has(healthCheck));
  const usable = healthy.length > 0 ? healthy : sets;
  if (usable.some(({ multivalue }) => multivalue === true)) {
    return usable
      .map((set) => ({ set, at: random() }))
      .toSorted((one, other) => one.at - other.at)
      .slice(0, mostAnswered)
      .map(({ set }) => set);
  }
  const total = usable.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (total === 0) return usable.slice(0, usable.some(({ weight }) => weight !== undefined) ? 1 : undefined);
  let left = random() * total;
  return [usable.find(({ weight = 0 }) => (left -= weight) < 0) ?? usable[0]].filter((set) => set !== undefined);
}

function answersIn({ name, type, ttl, values }: RecordSet): readonly Answer[] {
  return values.map((value): Answer => {
    if (type === "TXT") return { type: "TXT", name, ttl, data: stringsOf(value) };
    if (type === "CNAME" || type === "NS") return { type, name, ttl, data: value };
    return { type: type as "A", name, ttl, data: value };
  });
}

/** Route 53 escapes in octal. */
function stringsOf(value: string): Buffer[] {
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) =>
    Buffer.from(text.replaceAll(/\\([0-7]{3})/g, byteOf), "latin1"),
  );
}

function byteOf(_: string, code: string): string {
  return String.fromCodePoint(Number.parseInt(code, 8));
}

/** As the VPC's resolver: it keeps what it was answered up to the TTL, and absence up to that of the SOA (RFC 2308). */
export function cacheOf(ask: Responder, now: () => number): Responder {
  const kept = new Map<string, { readonly found: Found; readonly atMs: number; readonly ttl: number }>();
  return (name, type) => {
    const key = `${name} ${type}`;
    const before = kept.get(key);
    const age = before === undefined ? 0 : Math.floor((now() - before.atMs) / 1_000);
    if (before !== undefined && age < before.ttl) return aged(before.found, age);
    const found = ask(name, type);
    const ttls = [...found.answers, ...found.authorities].map((one) => (one as { ttl?: number }).ttl ?? 0);
    kept.set(key, { found, atMs: now(), ttl: Math.min(...ttls, Number.MAX_SAFE_INTEGER) });
    return found;
  };
}

function aged(found: Found, age: number): Found {
  const older = (one: Answer): Answer => ({ ...one, ttl: ((one as { ttl?: number }).ttl ?? 0) - age }) as Answer;
  return { ...found, answers: found.answers.map(older), authorities: found.authorities.map(older) };
}

/** Listens on UDP and TCP. @param address of loopback, or of a lab's network */
export async function startDns(
  { address, port }: { readonly address: string; readonly port: number },
  respond: Responder,
  { authoritative }: { readonly authoritative: boolean },
): Promise<DnsEndpoint> {
  const udp = createSocket("udp4");
  const tcp = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const answer = reply("tcp", bytes.subarray(2), 65_535);
      if (answer === undefined) return;
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.end(Buffer.concat([length, answer]));
    });
  });
  const endpoint: DnsEndpoint = {
    ...{ address, port, authoritative, mode: "answers", asked: [] },
    async stop() {
      const closed = [once(udp, "close"), once(tcp, "close")];
      udp.close();
      tcp.close();
      await Promise.all(closed);
    },
  };

  function reply(over: string, bytes: Buffer, most: number): Buffer | undefined {
    const query = packet.decode(bytes);
    const [question] = query.questions ?? [];
    if (question === undefined) return undefined;
    endpoint.asked.push(`${over} ${question.name} ${question.type}${query.flag_rd ? " rd" : ""}`);
    if (endpoint.mode === "silent") return undefined;
    if (endpoint.mode === "garbage") return Buffer.from(bytes.map((byte) => byte ^ 0x5a));
    const isFailing = endpoint.mode !== "answers";
    const found = isFailing
      ? { ...refused, status: endpoint.mode as "SERVFAIL" }
      : respond(question.name, question.type);
    const whole = message(query, found, endpoint.authoritative, false);
    return whole.length <= most ? whole : message(query, { ...found, answers: [] }, endpoint.authoritative, true);
  }

  udp.on("message", (bytes, from) => {
    const opt = packet.decode(bytes).additionals?.find(({ type }) => type === "OPT");
    const answer = reply("udp", bytes, opt?.type === "OPT" ? opt.udpPayloadSize : 512);
    if (answer !== undefined) udp.send(answer, from.port, from.address);
  });
  const ready = [once(udp, "listening"), once(tcp, "listening")];
  udp.bind(port, address);
  tcp.listen(port, address);
  await Promise.all(ready);
  return endpoint;
}

const rcodes = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

function message(query: DecodedPacket, found: Found, authoritative: boolean, truncated: boolean): Buffer {
  const flags =
    rcodes[found.status] |
    (authoritative ? packet.AUTHORITATIVE_ANSWER : packet.RECURSION_AVAILABLE) |
    (truncated ? packet.TRUNCATED_RESPONSE : 0);
  const { id, questions } = query;
  const answer = {
    type: "response",
    id,
    flags,
    questions,
    answers: [...found.answers],
    authorities: [...found.authorities],
  };
  return packet.encode(answer as Packet);
}
