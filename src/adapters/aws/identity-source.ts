import { MusterError } from "../../domain/errors.ts";
import type { Identity, Instance, Tags } from "../../domain/instance.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import { parseDocument, type IdentityDocument } from "./identity-document.ts";
import type { Imds } from "./imds.ts";
import type { TagCache } from "./tag-cache.ts";

export type AwsIdentityDeps = {
  readonly imds: Imds;
  /** EC2's own answer, for instances that do not show their tags in the metadata. */
  readonly describeTags: (instanceId: string, signal: AbortSignal) => Promise<Tags>;
  readonly cache: TagCache;
};

/**
 * Who this EC2 instance is: the identity document, its addresses, and its tags from the metadata where the
 * launch template shows them (`InstanceMetadataTags=enabled`), else from EC2, else as they were last known.
 */
export function createAwsIdentitySource(deps: AwsIdentityDeps): IdentitySource {
  const { imds } = deps;
  return {
    instanceId: async (signal) => (await readDocument(imds, signal)).instanceId,
    async read(signal) {
      const [document, addresses, hostname, shown] = await Promise.all([
        readDocument(imds, signal),
        readAddresses(imds, signal),
        imds.get("meta-data/local-hostname", signal),
        readShownTags(imds, signal),
      ]);
      const instance: Instance = {
        id: document.instanceId,
        cloud: "aws",
        account: document.accountId,
        region: document.region,
        zone: document.availabilityZone,
        addresses: { ...addresses, ipv4: addresses.ipv4.length > 0 ? addresses.ipv4 : privateIp(document) },
        hostname: hostname?.trim().split(" ")[0] ?? document.instanceId,
      };
      if (shown !== undefined) return { instance, tags: shown };
      return { instance, ...(await tagsFromEc2(deps, instance.id, signal)) };
    },
    async look(keys, mayCall, signal) {
      const shown = await readShownTags(imds, signal, keys);
      if (shown !== undefined) return { tags: shown, costsCall: false };
      if (!mayCall) return { tags: undefined, costsCall: true };
      const { instanceId } = await readDocument(imds, signal);
      const tags = await deps.describeTags(instanceId, signal);
      return { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => keys.has(key))), costsCall: true };
    },
  };
}

/** @throws MusterError `imds-*` */
export async function readDocument(imds: Imds, signal: AbortSignal): Promise<IdentityDocument> {
  const text = await imds.get("dynamic/instance-identity/document", signal);
  const document = text === undefined ? undefined : parseDocument(text);
  if (document !== undefined) return document;
  throw new MusterError({
    code: "imds-failed",
    message: "The instance metadata service has no usable identity document",
    hint: "It is tried again; muster on cloud: aws runs on EC2 instances only.",
    transient: true,
  });
}

type Addresses = Instance["addresses"];

/** Of the first network interface; IMDS has no page for what an instance does not have. */
async function readAddresses(imds: Imds, signal: AbortSignal): Promise<Addresses> {
  const [ipv4, ipv6, publicIpv4] = await Promise.all([
    imds.get("meta-data/local-ipv4", signal),
    imds.get("meta-data/ipv6", signal),
    imds.get("meta-data/public-ipv4", signal),
  ]);
  return {
    ipv4: linesOf(ipv4),
    ipv6: linesOf(ipv6),
    ...(publicIpv4 === undefined ? {} : { publicIpv4: publicIpv4.trim() }),
  };
}

function privateIp({ privateIp: address }: IdentityDocument): readonly string[] {
  return address === undefined ? [] : [address];
}

/**
 * Undefined where the launch template does not show tags; IMDS then has no such page.
 * @param only absent: all
 */
export async function readShownTags(
  imds: Imds,
  signal: AbortSignal,
  only?: ReadonlySet<string>,
): Promise<Tags | undefined> {
  const keys = await imds.get("meta-data/tags/instance", signal);
  if (keys === undefined) return undefined;
  const wanted = linesOf(keys).filter((key) => only?.has(key) !== false);
  const read = wanted.map(async (key) => {
    // A key that went away meanwhile is no tag any more.
    const value = await imds.get(`meta-data/tags/instance/${inPath(key)}`, signal);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

/** What a key in the metadata may hold besides letters and digits stands in a path as it is. */
function inPath(key: string): string {
  return encodeURIComponent(key).replaceAll(/%(?:2B|2C|3A|3D|40)/g, decodeURIComponent);
}

async function tagsFromEc2(
  { describeTags, cache }: AwsIdentityDeps,
  instanceId: string,
  signal: AbortSignal,
): Promise<Pick<Identity, "tags" | "tagsAsOf">> {
  try {
    const tags = await describeTags(instanceId, signal);
    await cache.keep(instanceId, tags);
    return { tags };
  } catch (error) {
    signal.throwIfAborted();
    const known = await cache.read(instanceId);
    if (known === undefined) throw error;
    return { tags: known.tags, tagsAsOf: known.at };
  }
}

function linesOf(text: string | undefined): readonly string[] {
  return (text ?? "").split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}
