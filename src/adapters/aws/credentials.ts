import { z } from "zod";
import type { CredentialSourceName } from "../../domain/settings/settings.ts";
import { reportOf } from "../../domain/errors/errors.ts";
import { printable } from "../../domain/role/names.ts";
import type { Imds } from "./imds.ts";
import { requestHandlerOf, type Transport } from "./transport.ts";

/** Credentials to sign calls with, in the SDK's form. */
export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent: they do not expire. */
  readonly expiration?: Date;
};

/** The source of credentials for every AWS client. */
export type CredentialSource = {
  /** The cached ones, unless they expire soon or a call was refused since. */
  provide(): Promise<Credentials>;
  /** The source of the last credentials and the beginning of their key id, for errors; never the secret. */
  used(): string | undefined;
};

/** Where credentials were found, as "the instance role web". */
type Found = Credentials & { readonly from: string };

export type CredentialDeps = {
  readonly imds: Imds;
  /** How often credentials were refused or a call was denied: older ones are not used again. */
  readonly refusals: { readonly count: number };
  readonly now: () => Date;
  readonly region: (signal: AbortSignal) => Promise<string>;
  /** For the services of AWS that hand out credentials; the metadata is never asked through a proxy. */
  readonly transport?: Transport;
};

/** New ones are available five minutes before the old ones expire (EC2 User Guide, "Retrieve security credentials"). */
const earlyMs = 5 * 60_000;
/** For two pages of the metadata, or for the SDK's chain, which may ask several services. */
const limitMs = 20_000;

/**
 * @param which `instance`: the role of this instance only, whatever files and variables say. `chain`: the SDK's own
 * search, then the role.
 */
export function createCredentialSource(which: CredentialSourceName, deps: CredentialDeps): CredentialSource {
  const { refusals, now } = deps;
  let kept: { readonly found: Found; readonly refusals: number } | undefined;
  let looking: Promise<Found> | undefined;
  let last: Found | undefined;

  async function refreshNow(): Promise<Found> {
    const before = refusals.count;
    const found = await (which === "chain" ? fromChain(deps) : fromRole(deps.imds, AbortSignal.timeout(limitMs)));
    kept = { found, refusals: before };
    return found;
  }

  function isGood({ found: { expiration }, refusals: before }: NonNullable<typeof kept>): boolean {
    if (before !== refusals.count) return false;
    return expiration === undefined || expiration.getTime() - now().getTime() > earlyMs;
  }

  return {
    async provide() {
      if (kept === undefined || !isGood(kept)) {
        looking ??= refreshNow().finally(() => {
          looking = undefined;
        });
        last = await looking;
      } else last = kept.found;
      const { from: _, ...credentials } = last;
      return credentials;
    },
    used: () => (last === undefined ? undefined : `${last.from}, key ${last.accessKeyId.slice(0, 8)}…`),
  };
}

const directory = "meta-data/iam/security-credentials/";

const page = z.object({
  Code: z.literal("Success"),
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().min(1),
  Expiration: z.iso.datetime({ offset: true }),
});

async function fromRole(imds: Imds, signal: AbortSignal): Promise<Found> {
  const role = (await readPage(imds, directory, signal))?.split("\n")[0]?.trim();
  if (role === undefined || role === "") throw new NoCredentials("the metadata shows no role of this instance");
  const text = await readPage(imds, `${directory}${encodeURIComponent(role)}`, signal);
  if (text === undefined) throw new NoCredentials(`the metadata has no credentials of the role ${role}`);
  const json = parseJson(text);
  const parsed = page.safeParse(json);
  if (!parsed.success)
    throw new NoCredentials(`the metadata has no credentials of the role ${role} that can be used: ${whyOf(json)}`);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = parsed.data;
  const expiration = new Date(parsed.data.Expiration);
  return { accessKeyId, secretAccessKey, sessionToken, expiration, from: `the instance role ${role}` };
}

/** What is wrong with the page, without any part of a key. `Code` is EC2's own word for missing credentials. */
function whyOf(json: unknown): string {
  const said = z.object({ Code: z.string() }).safeParse(json);
  if (said.success && said.data.Code !== "Success") return `Code is ${JSON.stringify(printable(said.data.Code))}`;
  const fields = page
    .safeParse(json)
    .error?.issues.flatMap(({ path: [name] }) => (name === undefined ? [] : [String(name)]));
  return fields === undefined || fields.length === 0
    ? "the page is no JSON object"
    : `${fields.join(", ")} is malformed`;
}

async function readPage(imds: Imds, path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await imds.get(path, signal);
  } catch (error) {
    throw new NoCredentials(reportOf(error).message, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The SDK's own name, so that failure.ts treats both alike. */
export class NoCredentials extends Error {
  override readonly name = "CredentialsProviderError";
}

async function fromChain({ imds, region, transport = {} }: CredentialDeps): Promise<Found> {
  const { defaultProvider } = await import("./sdk/credentials.ts");
  const signal = AbortSignal.timeout(limitMs);
  try {
    // Read the files each time: by default the SDK caches them as long as the process lives.
    const clientConfig = { region: await region(signal), requestHandler: await requestHandlerOf(transport) };
    const found = await defaultProvider({ ignoreCache: true, clientConfig, logger: silent })();
    return { ...found, from: wordsFor("$source" in found ? Object.keys(found.$source ?? {}) : []) };
  } catch (error) {
    // sdk-fence.ts keeps the chain from the metadata, which it would read in its own way.
    if (!(error instanceof Error) || error.name !== "CredentialsProviderError") throw error;
    return fromRole(imds, signal);
  }
}

/** Without a logger the chain writes warnings about variables to standard error. */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}

/** The SDK marks credentials with the steps of its search. */
const sources: readonly (readonly [RegExp, string])[] = [
  [/WEB_ID/, "a web identity token"],
  [/PROCESS/, "a credential_process in ~/.aws"],
  [/SSO/, "IAM Identity Center"],
  [/PROFILE/, "the files in ~/.aws"],
  [/ENV_VARS/, "the variables AWS_ACCESS_KEY_ID and its like"],
  [/HTTP/, "the container's endpoint"],
];

function wordsFor(marks: readonly string[]): string {
  return sources.find(([mark]) => marks.some((one) => mark.test(one)))?.[1] ?? "the SDK's chain";
}
