// Roles of other accounts, as sts:AssumeRole hands them out.
// Source: STS API Reference, "AssumeRole" (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html); one
// hour at the most for a role that assumes a role, https://repost.aws/knowledge-center/iam-role-chaining-limit. The words of
// a refusal, which are the same for a role that is not there, a trust policy and an external id, as people met them:
// https://github.com/kubernetes-sigs/external-dns/issues/4526
import { randomBytes } from "node:crypto";

import { element, failure, success } from "./answers.ts";
import type { Answer, AwsRequest, Handler } from "./handler.ts";

export interface TrustingRole {
  readonly arn: string;
  /** What its trust policy asks for. */
  readonly externalId?: string;
}

export interface Sts extends Handler {
  /** Can be changed at any time. */
  roles: readonly TrustingRole[];
  /** How long a session lasts, in seconds. */
  seconds: number;
  /** The account of the role whose session this key is of; undefined: no session. */
  accountOf(accessKeyId: string): string | undefined;
  /** `ROLE_ARN as SESSION`, one for each role that was assumed. */
  readonly assumed: readonly string[];
  /** Refuses what is signed by the sessions so far. */
  endSessions(): void;
  /** Stands before the services: a session that is over is refused by each. */
  readonly over: Handler;
}

export function createSts(roles: readonly TrustingRole[]): Sts {
  const sessions = new Map<string, { readonly account: string; over: boolean }>();
  const assumed: string[] = [];

  function assume(request: AwsRequest): Answer {
    const [arn = "", session = ""] = [request.params.get("RoleArn"), request.params.get("RoleSessionName")].map(
      (each) => each ?? undefined,
    );
    const role = sts.roles.find((one) => one.arn === arn);
    if (role === undefined || (role.externalId ?? null) !== request.params.get("ExternalId")) {
      const user = "arn:aws:sts::111122223333:assumed-role/web/i-0a1b2c3d4e5f60718";
      const message = `User: ${user} is not authorized to perform: sts:AssumeRole on resource: ${arn}`;
      return failure(request, { status: 403, code: "AccessDenied", message });
    }
    assumed.push(`${arn} as ${session}`);
    const key = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    sessions.set(key, { account: arn.split(":")[4] ?? "", over: false });
    const credentials = [
      element("AccessKeyId", key),
      element("SecretAccessKey", "secret-of-the-role"),
      element("SessionToken", "token-of-the-role"),
      element("Expiration", new Date(Date.now() + sts.seconds * 1_000).toISOString()),
    ];
    return success(request, `<Credentials>${credentials.join("")}</Credentials>`);
  }

  const sts: Sts = {
    name: "STS",
    roles,
    seconds: 3_600,
    assumed,
    match: ({ service, action }) => service === "sts" && action === "AssumeRole",
    handle: (request) => Promise.resolve(assume(request)),
    accountOf: (accessKeyId) => sessions.get(accessKeyId)?.account,
    endSessions() {
      for (const session of sessions.values()) session.over = true;
    },
    over: {
      name: "sessions that are over",
      match: ({ accessKeyId }) => sessions.get(accessKeyId)?.over === true,
      handle: (request) => {
        const message = "The security token included in the request is expired";
        return Promise.resolve(failure(request, { status: 403, code: "ExpiredToken", message }));
      },
    },
  };
  return sts;
}
