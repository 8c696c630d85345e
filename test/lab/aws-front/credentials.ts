// Role credentials: handed out by IMDS, good until they run out, refused by every service afterwards.
// Source: "Retrieve security credentials from instance metadata" in the Amazon EC2 User Guide: new ones are there at
// least five minutes before the old ones run out.
import { failure } from "./answers.ts";
import type { Answer, AwsRequest, Handler } from "./handler.ts";
import type { EmulatedInstance } from "./fleet.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

export interface CredentialIssuer {
  /** Those of an instance; undefined while they are late. */
  of(instance: EmulatedInstance): Promise<Credentials | undefined>;
  /** The instance that these keys were handed out to. */
  holderOf(accessKeyId: string): EmulatedInstance | undefined;
  /** Refuses requests that are signed with keys which have run out. */
  readonly handler: Handler;
}

const renewedEarlyMs = 300_000;

export function createCredentialIssuer(
  assumeRole: (role: string, session: string, seconds: number) => Promise<Credentials>,
): CredentialIssuer {
  const current = new Map<string, Credentials>();
  const expirations = new Map<string, number>();
  const holders = new Map<string, EmulatedInstance>();

  async function issue(instance: EmulatedInstance, seconds: number): Promise<Credentials> {
    const { id, role = "", metadata } = instance;
    const known = current.get(id);
    const wanted = Date.now() + Math.min(renewedEarlyMs, (metadata.credentialSeconds * 1_000) / 2);
    if (known !== undefined && known.expiration.getTime() > wanted) return known;
    const issued = await assumeRole(role, id, seconds);
    current.set(id, issued);
    expirations.set(issued.accessKeyId, issued.expiration.getTime());
    holders.set(issued.accessKeyId, instance);
    return issued;
  }

  return {
    holderOf: (accessKeyId) => holders.get(accessKeyId),
    async of(instance) {
      switch (instance.metadata.credentials) {
        case "late":
          return undefined;
        case "expired": {
          const old = current.get(instance.id) ?? (await issue(instance, 0));
          const expiration = new Date(Math.min(old.expiration.getTime(), Date.now() - 60_000));
          expirations.set(old.accessKeyId, expiration.getTime());
          current.set(instance.id, { ...old, expiration });
          return { ...old, expiration };
        }
        case "ok":
          return issue(instance, instance.metadata.credentialSeconds);
      }
      return instance.metadata.credentials satisfies never;
    },
    handler: {
      name: "expired credentials",
      match: ({ accessKeyId }) => (expirations.get(accessKeyId) ?? Number.POSITIVE_INFINITY) < Date.now(),
      handle: (request) => Promise.resolve(expired(request)),
      reset() {
        current.clear();
        expirations.clear();
        holders.clear();
      },
    },
  };
}

/** EC2 has words of its own for it ("Error codes for the Amazon EC2 API"). */
export function expired(request: AwsRequest): Answer {
  return request.service === "ec2"
    ? failure(request, { status: 400, code: "RequestExpired", message: "Request has expired." })
    : failure(request, {
        status: 403,
        code: "ExpiredToken",
        message: "The security token included in the request is expired",
      });
}
