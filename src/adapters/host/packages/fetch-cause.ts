import type { fetchCodes } from "../../../domain/run/package-source.ts";
import { noConnectionIn, type NoConnection } from "../no-connection.ts";

/** Why a download failed, with a remedy. */
export type FetchCause = {
  readonly code: (typeof fetchCodes)[number];
  /** A sentence without its full stop. */
  readonly hint: string;
  /** Whether it may pass by itself. */
  readonly transient: boolean;
};

/** @param places the files of the sources, as `/etc/yum.repos.d` */
type Remedy = (places: string) => string;

const clock: Remedy = () =>
  "Check this machine's clock (timedatectl) first; if it is right, the certificate of the mirror has to be replaced";

const connections: Readonly<Record<NoConnection, readonly [FetchCause["code"], Remedy]>> = {
  unresolved: [
    "package-name-unresolved",
    (places) =>
      `Check the host's name in ${places} and this machine's resolver (/etc/resolv.conf), or take the source out`,
  ],
  refused: [
    "package-connection-refused",
    (places) => `See that the mirror runs, and check its host and port in ${places}, or take the source out`,
  ],
  "no-route": ["package-no-route", () => "Check this machine's routes (ip route, ip -6 route) and the subnet's"],
  late: [
    "package-timeout",
    (places) =>
      `See that firewalls and security groups let this instance through to the mirror, or take the source out of ${places}`,
  ],
  untrusted: [
    "package-certificate-refused",
    () =>
      "Install the certificate of the mirror's authority on this machine, or let the traffic to the mirror pass unopened",
  ],
  expired: ["package-certificate-refused", clock],
  "not-yet-valid": ["package-certificate-refused", clock],
  "other-name": ["package-certificate-refused", (places) => `Use the name in ${places} that the certificate has`],
};

/** Waiting does not replace a certificate; a clock is set by itself. */
const lasting: ReadonlySet<NoConnection | undefined> = new Set(["untrusted", "expired", "other-name"]);

/**
 * The cause in the words of apt, or of dnf and curl.
 * @param printed the line with the reason
 * @param places the files of the sources, for the remedy
 */
export function fetchCauseIn(printed: string, places: string): FetchCause {
  const proxy = proxies.find(([pattern]) => pattern.test(printed));
  if (proxy !== undefined) {
    const hint = "Look at proxy in the settings, at the package manager's own, and at the log of the proxy";
    return { code: proxy[1], hint, transient: true };
  }
  const connection = causeOf(printed);
  if (connection !== undefined) {
    const [code, hint] = connections[connection];
    return { code, hint: hint(places), transient: !lasting.has(connection) };
  }
  if (/\b404\b/.test(printed)) {
    const hint = `See that the mirror has this release and architecture, and check the address in ${places}`;
    return { code: "package-file-missing", hint, transient: true };
  }
  if (/Hash Sum mismatch|unexpected size|checksum/i.test(printed)) {
    const hint = "The mirror changes, or a cache in between is stale: see that it passes, or use another mirror";
    return { code: "package-file-wrong", hint, transient: true };
  }
  const hint = `See that the source in ${places} exists and answers, or take it out`;
  return { code: "package-fetch-failed", hint, transient: true };
}

/**
 * What an HTTP proxy answered in place of a mirror, in the words of apt's http (methods/http.cc, basehttp.cc) and of
 * curl, which dnf has.
 */
const proxies: readonly (readonly [RegExp, FetchCause["code"]])[] = [
  [/(?:^|\s)407 +[A-Z]|HTTP code \d{3} from proxy|CONNECT tunnel failed|response from proxy:? HTTP/, "proxy-refused"],
  [/resolve proxy|Proxy CONNECT aborted/, "proxy-unreachable"],
];

function causeOf(printed: string): NoConnection | undefined {
  // apt 2.6 says nothing else of a mirror that takes the connection and is silent for the whole time-out.
  return noConnectionIn(printed) ?? (/Connection failed/.test(printed) ? "late" : undefined);
}
