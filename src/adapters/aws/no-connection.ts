import type { ErrorCode } from "../../domain/errors/error-codes.ts";

/** Why a request got no answer: the words follow the operation. */
export type NoConnection = { readonly code: ErrorCode; readonly words: string; readonly hint: string };

const unresolved: NoConnection = {
  code: "aws-name-unresolved",
  words: "cannot be asked: its name does not resolve",
  hint: "Check this machine's resolver (/etc/resolv.conf), the VPC's DNS support, the region, and AWS_ENDPOINT_URL variables.",
};
const refused: NoConnection = {
  code: "aws-connection-refused",
  words: "cannot be asked: the endpoint refuses the connection",
  hint: "Check the address that the endpoint's name resolves to, AWS_ENDPOINT_URL variables, and firewall rules that reject.",
};
const noRoute: NoConnection = {
  code: "aws-no-route",
  words: "cannot be asked: there is no route to the endpoint",
  hint: "Check this machine's routes (ip route, ip -6 route) and the route table of this subnet.",
};
const late: NoConnection = {
  code: "aws-timeout",
  words: "got no answer in time",
  hint: "Check routes, security groups and endpoints of this subnet.",
};

const clock = "Check this machine's clock (timedatectl): a wrong clock makes good certificates look bad.";

function certificate(what: string, hint: string): NoConnection {
  return { code: "aws-certificate-refused", words: `cannot be asked: the endpoint's certificate ${what}`, hint };
}

const untrusted = certificate(
  "is not trusted",
  "Something between this machine and AWS opens TLS connections, or the endpoint is not AWS: see who issued it (openssl s_client), and let the traffic to AWS pass unopened, or name its authority in AWS_CA_BUNDLE.",
);

/**
 * The codes of errors of Node, which Bun gives as well: nodejs.org/api/errors.html, "Common system errors";
 * nodejs.org/api/dns.html, "Error codes"; nodejs.org/api/tls.html, "X509 certificate error codes".
 */
const causes: ReadonlyMap<string, NoConnection> = new Map([
  ["ENOTFOUND", unresolved],
  ["EAI_AGAIN", unresolved],
  ["EAI_FAIL", unresolved],
  ["EAI_NODATA", unresolved],
  ["EAI_NONAME", unresolved],
  ["ECONNREFUSED", refused],
  ["ENETUNREACH", noRoute],
  ["EHOSTUNREACH", noRoute],
  ["ENETDOWN", noRoute],
  ["ETIMEDOUT", late],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted],
  ["SELF_SIGNED_CERT_IN_CHAIN", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT", untrusted],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", untrusted],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted],
  ["CERT_HAS_EXPIRED", certificate("has expired", clock)],
  ["CERT_NOT_YET_VALID", certificate("is not valid yet", clock)],
  [
    "ERR_TLS_CERT_ALTNAME_INVALID",
    certificate(
      "is made out for another name",
      "Check AWS_ENDPOINT_URL variables, and what the endpoint's name resolves to.",
    ),
  ],
]);

/** The cause of an error of the SDK that came without an answer; undefined if its code is not known. */
export function noConnection(error: unknown): NoConnection | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && error.code !== "") return causes.get(error.code);
  // The SDK's limit on the connection has a name and no code; a reset has that name as well, and a code.
  return error.name === "TimeoutError" ? late : undefined;
}
