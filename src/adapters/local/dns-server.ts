import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import { noConnectionIn, type NoConnection } from "../host/no-connection.ts";

/** The server that takes updates. */
export type DnsServerAddress = { readonly server: string; readonly port: number };

type Cause = { readonly code: ErrorCode; readonly words: string; readonly hint: string };

const brokenOff: Cause = {
  code: "dns-unreachable",
  words: "it broke off the connection",
  hint: "Look at the log of the DNS server: it ended, or something in between cuts connections over TCP.",
};
const causes: Readonly<Partial<Record<NoConnection, Cause>>> = {
  unresolved: {
    code: "dns-name-unresolved",
    words: "its name does not resolve",
    hint: "Check local.dns.server in the settings and this machine's resolver (/etc/resolv.conf), or give an address.",
  },
  refused: {
    code: "dns-connection-refused",
    words: "it refuses the connection",
    hint: "Check that it runs and listens on TCP, and local.dns.server and port in the settings.",
  },
  "no-route": {
    code: "dns-no-route",
    words: "there is no route to it",
    hint: "Check this machine's routes (ip route, ip -6 route) and local.dns.server in the settings.",
  },
  late: {
    code: "dns-timeout",
    words: "no answer in time",
    hint: "Check that firewalls let TCP through, not UDP alone, and how busy the server is.",
  },
};

/**
 * Why the server gave no answer.
 * @param printed the output of dig or nsupdate, as BIND 9.18 writes it
 * @returns `dns-name-unresolved`, `dns-connection-refused`, `dns-no-route`, `dns-timeout` or `dns-unreachable`, all transient
 */
export function notReached(at: DnsServerAddress, printed: string): MusterError {
  const cause = noConnectionIn(printed);
  return failure(at, (cause === undefined ? undefined : causes[cause]) ?? brokenOff);
}

/** The tool itself was ended after its time. */
export function unanswered(at: DnsServerAddress): MusterError {
  return failure(at, causes.late ?? brokenOff);
}

/** @param status the response code, as dig or nsupdate prints it */
export function inTrouble(at: DnsServerAddress, status: string): MusterError {
  const hint = "Look at the log of the DNS server: it says what it cannot do.";
  return failure(at, { code: "dns-unreachable", words: `it answered ${status}`, hint });
}

function failure({ server, port }: DnsServerAddress, { code, words, hint }: Cause): MusterError {
  const message = `The DNS server ${server} port ${port} cannot be asked: ${words}`;
  return new MusterError({ code, message, hint, transient: true });
}
