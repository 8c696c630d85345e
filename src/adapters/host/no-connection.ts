/** Why a server gave no answer. */
export type NoConnection =
  | "unresolved"
  | "refused"
  | "no-route"
  | "late"
  | "untrusted"
  | "expired"
  | "not-yet-valid"
  | "other-name";

/**
 * The codes of errors of Node, which Bun gives as well: nodejs.org/api/errors.html, "Common system errors";
 * nodejs.org/api/dns.html, "Error codes"; nodejs.org/api/tls.html, "X509 certificate error codes".
 */
const codes: Readonly<Record<string, NoConnection>> = {
  ENOTFOUND: "unresolved",
  EAI_AGAIN: "unresolved",
  EAI_FAIL: "unresolved",
  EAI_NODATA: "unresolved",
  EAI_NONAME: "unresolved",
  ECONNREFUSED: "refused",
  ENETUNREACH: "no-route",
  EHOSTUNREACH: "no-route",
  ENETDOWN: "no-route",
  ETIMEDOUT: "late",
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "other-name",
};

/** The cause of an error of Node by its code; undefined for other errors. */
export function noConnectionOf(error: unknown): NoConnection | undefined {
  // A name with several addresses: each was tried.
  if (error instanceof AggregateError && error.errors.length > 0) return noConnectionOf(error.errors[0]);
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return Object.hasOwn(codes, error.code) ? codes[error.code] : undefined;
}

/**
 * The words of the resolver, the kernel, GnuTLS, OpenSSL, curl, apt and BIND's tools; precise words stand before the
 * general ones that come with them. Curl's numbers: curl.se/libcurl/c/libcurl-errors.html. apt: methods/connect.cc.
 */
const words: readonly (readonly [RegExp, NoConnection])[] = [
  [/certificate.{0,80}not yet (?:valid|activated)|not yet valid certificate/i, "not-yet-valid"],
  [/certificate.{0,80}(?:has )?expired|expired certificate/i, "expired"],
  [/issuer is unknown|self-signed certificate|self signed certificate|unable to get (?:local )?issuer/i, "untrusted"],
  [/name in the certificate does not match|no alternative certificate subject name|hostname mismatch/i, "other-name"],
  [/certificate is NOT trusted|certificate verif|SSL certificate problem|Curl error \((?:51|60)\)/i, "untrusted"],
  [
    /Could(?:n't| not) resolve|Temporary failure (?:in name resolution|resolving)|Name or service not known|(?:Something wicked happened|System error) resolving|No address associated|couldn't get address|Curl error \(6\)/i,
    "unresolved",
  ],
  [/No route to host|Network is unreachable|(?:host|network) unreachable/i, "no-route"],
  [/timed out|Timeout was reached|Operation too slow|Curl error \(28\)/i, "late"],
  [/Connection refused|Could(?:n't| not) connect to server|Curl error \(7\)/i, "refused"],
];

/** The cause that a program printed; undefined if it printed another one. */
export function noConnectionIn(printed: string): NoConnection | undefined {
  return words.find(([pattern]) => pattern.test(printed))?.[1];
}
