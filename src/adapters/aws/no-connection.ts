import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { noConnectionOf, type NoConnection as Cause } from "../host/no-connection.ts";

/** Why a request got no answer: the words follow the operation. */
export type NoConnection = { readonly code: ErrorCode; readonly words: string; readonly hint: string };

const clock = "Check this machine's clock (timedatectl): a wrong clock makes good certificates look bad.";

function certificate(what: string, hint: string): NoConnection {
  return { code: "aws-certificate-refused", words: `cannot be asked: the endpoint's certificate ${what}`, hint };
}

const causes: Readonly<Record<Cause, NoConnection>> = {
  unresolved: {
    code: "aws-name-unresolved",
    words: "cannot be asked: its name does not resolve",
    hint: "Check this machine's resolver (/etc/resolv.conf), the VPC's DNS support, the region, and AWS_ENDPOINT_URL variables.",
  },
  refused: {
    code: "aws-connection-refused",
    words: "cannot be asked: the endpoint refuses the connection",
    hint: "Check the address that the endpoint's name resolves to, AWS_ENDPOINT_URL variables, and firewall rules that reject.",
  },
  "no-route": {
    code: "aws-no-route",
    words: "cannot be asked: there is no route to the endpoint",
    hint: "Check this machine's routes (ip route, ip -6 route) and the route table of this subnet.",
  },
  late: {
    code: "aws-timeout",
    words: "got no answer in time",
    hint: "Check routes, security groups and endpoints of this subnet.",
  },
  untrusted: certificate(
    "is not trusted",
    "Something between this machine and AWS opens TLS connections, or the endpoint is not AWS: see who issued it (openssl s_client), and let the traffic to AWS pass unopened, or name its authority in AWS_CA_BUNDLE.",
  ),
  expired: certificate("has expired", clock),
  "not-yet-valid": certificate("is not valid yet", clock),
  "other-name": certificate(
    "is made out for another name",
    "Check AWS_ENDPOINT_URL variables, and what the endpoint's name resolves to.",
  ),
};

/** The cause of an error of the SDK that came without an answer; undefined if its code is not known. */
export function noConnection(error: unknown): NoConnection | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = noConnectionOf(error);
  if (cause !== undefined) return causes[cause];
  // The SDK's limit on the connection has a name and no code; a reset has that name as well, and a code.
  const coded = "code" in error && typeof error.code === "string" && error.code !== "";
  return !coded && error.name === "TimeoutError" ? causes.late : undefined;
}
