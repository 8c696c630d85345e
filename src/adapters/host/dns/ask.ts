/**
 * One question to one DNS server, over UDP, and over TCP where the answer is too long for that. The resolver of
 * `node:dns` always asks for recursion and does not show whether the server is the zone's own (the AA bit).
 */
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { addAbortSignal } from "node:stream";
import packet, { type Answer, type DecodedPacket } from "dns-packet";
import type { AnsweredRecord, Question } from "./answers.ts";
import { canonicalRdata, rdataOfStrings } from "./rdata.ts";

/** Of the types that are read here. */
export type Asked = Question & { readonly type: "A" | "AAAA" | "CNAME" | "NS" | "TXT" };

export type NameServer = { readonly address: string; readonly port: number };

/** What a server answers. */
export type DnsAnswer = {
  /** As `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`. */
  readonly status: string;
  /** Whether the server answers for a zone of its own, and not from a cache. */
  readonly authoritative: boolean;
  readonly records: readonly AnsweredRecord[];
  /** How long resolvers may remember that there are no such records, in seconds (RFC 2308, 5). */
  readonly negativeTtl?: number | undefined;
};

/** Answers of this size pass every network (DNS flag day 2020). */
const udpBytes = 1_232;

/** The longest message of TCP, with its length. */
const tcpBytes = 2 + 65_535;

/**
 * Asks a server.
 * @param recursive whether it may ask other servers
 * @throws Error for anything that is no answer to this question; the signal's reason
 */
export async function askDns(
  at: NameServer,
  { name, type }: Asked,
  { recursive }: { readonly recursive: boolean },
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const id = randomInt(65_536);
  const edns = { extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
  const message = packet.encode({
    type: "query",
    id,
    flags: recursive ? packet.RECURSION_DESIRED : 0,
    questions: [{ name, type, class: "IN" }],
    additionals: [{ type: "OPT", name: ".", udpPayloadSize: udpBytes, ...edns }],
  });
  const read = (bytes: Buffer) => readAnswer(bytes, id, { name, type });
  const first = await overUdp(at, message, read, signal);
  return answerOf(first.flag_tc ? await overTcp(at, message, read, signal) : first);
}

type Read = (bytes: Buffer) => DecodedPacket | undefined;

/** The first datagram that is an answer: others may be forged. */
async function overUdp(at: NameServer, message: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = createSocket(at.address.includes(":") ? "udp6" : "udp4");
  // Between two waits nothing else listens.
  socket.on("error", () => undefined);
  try {
    const connected = once(socket, "connect", { signal });
    // From then on the kernel takes datagrams of this server alone, and tells when nothing listens there.
    socket.connect(at.port, at.address);
    await connected;
    socket.send(message);
    while (true) {
      const received: readonly unknown[] = await once(socket, "message", { signal });
      const answer = Buffer.isBuffer(received[0]) ? read(received[0]) : undefined;
      if (answer !== undefined) return answer;
    }
  } finally {
    socket.close();
  }
}

async function overTcp(at: NameServer, message: Buffer, read: Read, signal: AbortSignal): Promise<DecodedPacket> {
  const socket = addAbortSignal(signal, connect({ host: at.address, port: at.port }));
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
    let received = Buffer.alloc(0);
    const chunks: AsyncIterable<Buffer> = socket;
    for await (const chunk of chunks) {
      received = Buffer.concat([received, chunk]);
      if (received.length > tcpBytes) break;
      if (received.length < 2 || received.length < 2 + received.readUInt16BE()) continue;
      const answer = read(received.subarray(2, 2 + received.readUInt16BE()));
      if (answer !== undefined) return answer;
      break;
    }
    throw new Error("no usable answer over TCP");
  } finally {
    socket.destroy();
  }
}

/** @returns undefined for anything that is no answer to this question */
function readAnswer(bytes: Buffer, id: number, question: Question): DecodedPacket | undefined {
  try {
    const answer = packet.decode(bytes);
    const [asked] = answer.questions ?? [];
    if (answer.type !== "response" || answer.id !== id || asked === undefined) return undefined;
    return asked.name.toLowerCase() === question.name && asked.type === question.type ? answer : undefined;
  } catch {
    return undefined;
  }
}

function answerOf(answer: DecodedPacket): DnsAnswer {
  const [negativeTtl] = (answer.authorities ?? []).flatMap((one) =>
    one.type === "SOA" ? [Math.min(one.ttl ?? 0, one.data.minimum ?? 0)] : [],
  );
  return {
    // The library's types lack it.
    status: "rcode" in answer ? String(answer.rcode) : "no status",
    authoritative: answer.flag_aa,
    records: (answer.answers ?? []).flatMap(recordOf),
    negativeTtl,
  };
}

function recordOf(answer: Answer): readonly AnsweredRecord[] {
  const rdata = rdataOf(answer);
  if (rdata === undefined) return [];
  const ttl = "ttl" in answer ? (answer.ttl ?? 0) : 0;
  return [{ name: answer.name.toLowerCase(), type: answer.type, ttl, rdata }];
}

/** Undefined for a type that is not asked for. */
function rdataOf(answer: Answer): string | undefined {
  switch (answer.type) {
    case "A":
    case "AAAA":
      return canonicalRdata(answer.type, answer.data);
    case "CNAME":
    case "NS":
      return canonicalRdata("CNAME", `${answer.data}.`);
    case "TXT": {
      const strings = Array.isArray(answer.data) ? answer.data : [answer.data];
      return rdataOfStrings(strings.map((one) => (typeof one === "string" ? Buffer.from(one) : one)));
    }
    default:
      return undefined;
  }
}
