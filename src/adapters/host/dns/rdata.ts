/**
 * The data of a record in one canonical text form, the one that nsupdate takes and dig prints: two records
 * are the same when their texts are. Pure.
 */
import { parseIpv6 } from "../../../domain/instance/address.ts";
import type { DnsRecord } from "../../../domain/membership/membership.ts";

/** The data of a wanted record. */
export function rdataOf(record: Pick<DnsRecord, "type" | "value">): string {
  switch (record.type) {
    case "A":
      return record.value;
    case "AAAA":
      return parseIpv6(record.value) ?? record.value;
    case "CNAME":
      return `${record.value}.`;
    case "TXT":
      return quoteText(record.value);
  }
}

/** dig's data in the same form. */
export function canonicalRdata(type: string, printed: string): string {
  switch (type) {
    case "AAAA":
      return parseIpv6(printed) ?? printed;
    case "CNAME":
      return printed.toLowerCase();
    case "TXT":
      return rdataOfStrings(parseStrings(printed));
    default:
      return printed;
  }
}

/** TXT data of its strings, as they are on the wire. */
export function rdataOfStrings(strings: readonly Buffer[]): string {
  return strings.map(quote).join(" ");
}

/** The text of TXT data: its strings, put together. */
export function textOf(rdata: string): string {
  // One plain string: hundreds of claims are read at each look at a large name.
  const plain = /^"([\x20-\x7e]*)"$/.exec(rdata)?.[1];
  if (plain !== undefined && !/["\\]/.test(plain)) return plain;
  return Buffer.concat(parseStrings(rdata)).toString("utf8");
}

/** Any text as TXT data. Unusual characters become `\ddd`, so that no text ends its quotes or its line. */
export function quoteText(text: string): string {
  const bytes = Buffer.from(text, "utf8");
  const strings: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += longestString) strings.push(bytes.subarray(at, at + longestString));
  return rdataOfStrings(strings.length === 0 ? [bytes] : strings);
}

/** A character string of DNS holds at most so many bytes. */
const longestString = 255;

function quote(bytes: Buffer): string {
  const escaped = [...bytes].map((byte) => {
    const character = String.fromCodePoint(byte);
    return /[A-Za-z0-9 =,:._%@/+-]/.test(character) ? character : `\\${byte.toString().padStart(3, "0")}`;
  });
  return `"${escaped.join("")}"`;
}

function parseStrings(printed: string): readonly Buffer[] {
  return [...printed.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => unescape(quoted ?? bare ?? ""));
}

function unescape(text: string): Buffer {
  const parts = [...text.matchAll(/\\(\d{3})|\\(.)|([^\\]+)/gs)];
  return Buffer.concat(
    parts.map(([, code, character, rest]) =>
      code === undefined ? Buffer.from(character ?? rest ?? "", "utf8") : Buffer.from([Number(code) & 0xff]),
    ),
  );
}
