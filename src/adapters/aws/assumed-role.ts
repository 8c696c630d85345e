import { MusterError } from "../../domain/errors/errors.ts";
import type { AssumedRole } from "../../domain/membership/zone.ts";
import type { AwsDeps } from "./call.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import { awsFailure } from "./failure.ts";
import { createStsApi } from "./services.ts";

export type AssumedRoleDeps = {
  /** Signs sts:AssumeRole: the role of the instance. */
  readonly aws: AwsDeps;
  readonly role: AssumedRole;
  readonly instanceId: (signal: AbortSignal) => Promise<string>;
  readonly now: () => Date;
  /** How often the role's own credentials were refused or a call was denied: older ones are not used again. */
  readonly refusals: { readonly count: number };
};

/** The role is assumed again so long before its credentials run out, in milliseconds: as the SDK's clients ask. */
const earlyMs = 5 * 60_000;
/** Good enough for one more call while STS is out of reach, in milliseconds. */
const usableMs = 30_000;
/** For one call of STS with its attempts. */
const limitMs = 45_000;

type Kept = { readonly found: Credentials & { readonly expiration: Date }; readonly refusals: number };

/**
 * The credentials of a role of another account, for zones there. A session lasts an hour: a role that assumes a role gets
 * no more (IAM User Guide, "Role chaining"). While STS is out of reach the last ones are used until they run out.
 * @returns a source whose `provide` throws MusterError: `aws-role-refused`, or as `call`; all are transient
 */
export function createAssumedRole({ aws, role, instanceId, now, refusals }: AssumedRoleDeps): CredentialSource {
  const sts = createStsApi(aws);
  let kept: Kept | undefined;
  let assuming: Promise<Kept> | undefined;

  async function assume(): Promise<Kept> {
    const before = refusals.count;
    const signal = AbortSignal.timeout(limitMs);
    const wanted = {
      RoleArn: role.arn,
      // CloudTrail of the other account shows which instance it was.
      RoleSessionName: `muster-${await instanceId(signal)}`.slice(0, 64),
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    };
    try {
      const answer = await sts.call((sdk) => new sdk.AssumeRoleCommand(wanted), signal);
      return { found: credentialsIn(answer.Credentials), refusals: before };
    } catch (error) {
      throw ofRole(role.arn, error);
    }
  }

  function leftMs(): number {
    if (kept === undefined || kept.refusals !== refusals.count) return -Infinity;
    return kept.found.expiration.getTime() - now().getTime();
  }

  return {
    async provide() {
      if (leftMs() <= earlyMs) {
        assuming ??= assume().finally(() => {
          assuming = undefined;
        });
        try {
          kept = await assuming;
        } catch (error) {
          if (leftMs() <= usableMs) throw error;
        }
      }
      if (kept === undefined) throw new Error("a role that was assumed has credentials");
      return kept.found;
    },
    used: () => (kept === undefined ? undefined : `the role ${role.arn}, key ${kept.found.accessKeyId.slice(0, 8)}…`),
  };
}

type Answered = {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
  readonly Expiration?: Date | undefined;
};

function credentialsIn(answered: Answered = {}): Kept["found"] {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = answered;
  const expiration = answered.Expiration;
  const isTime = expiration !== undefined && !Number.isNaN(expiration.getTime());
  if (!accessKeyId || !secretAccessKey || !sessionToken || !isTime)
    throw awsFailure("sts:AssumeRole", new Error("an answer without credentials"));
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

/** STS answers alike whether the role does not exist, does not trust this instance, or wants another external id. */
function ofRole(arn: string, error: unknown): unknown {
  if (!(error instanceof MusterError)) return error;
  const { code, message, hint, transient, retryAfterMs, cause } = error;
  if (code !== "aws-access-denied")
    return new MusterError({ code, message: `${message} (for the role ${arn})`, hint, transient, retryAfterMs, cause });
  return new MusterError({
    code: "aws-role-refused",
    message: `The role ${arn} may not be assumed: ${message}`,
    hint: "Allow sts:AssumeRole on it in the instance profile, and trust the instance's role in the role's own trust policy, with the same externalId (docs/aws.md).",
    transient,
    cause,
  });
}
