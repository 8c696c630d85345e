import { parseIpv4, parseIpv6 } from "../../domain/instance/address.ts";
import type { LogNoticeCode } from "../../domain/errors/error-codes.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Identity, Instance, Tags } from "../../domain/instance/instance.ts";
import { isDnsName, printable } from "../../domain/role/names.ts";
import type { IdentitySource } from "../../ports/identity-source.ts";
import { parseDocument, type IdentityDocument } from "./identity-document.ts";
import type { Imds } from "./imds.ts";
import { tagsLateMs } from "./lateness.ts";
import type { TagCache } from "./tag-cache.ts";

export type AwsIdentityDeps = {
  readonly imds: Imds;
  /** EC2's own answer, for instances that do not show their tags in the metadata. */
  readonly describeTags: (instanceId: string, signal: AbortSignal) => Promise<Tags>;
  readonly cache: TagCache;
  /** The addresses that the kernel knows; none while the network is not up. */
  readonly hostAddresses: () => Promise<Instance["addresses"]>;
  /** Reports a notice that does not stop the work. */
  readonly onWarning: (code: LogNoticeCode, text: string) => void;
  /** Of the tags that steer this instance. */
  readonly tagPrefix: string;
  /** Whether missing tags may only be late (`lateness.ts`). */
  readonly isLate: (document: IdentityDocument) => boolean;
};

/**
 * The identity of this EC2 instance: the identity document, its addresses, and its tags from the metadata if the launch
 * template shows them (`InstanceMetadataTags=enabled`), else from EC2, else the last known ones.
 */
export function createAwsIdentitySource(deps: AwsIdentityDeps): IdentitySource {
  const { imds } = deps;
  /** The reports about each page, so that each is made once. */
  const told = new Map<string, string>();

  function malformed(path: string, text: string, expected: string): void {
    if (told.get(path) === text) return;
    told.set(path, text);
    const what = `The metadata page ${path} says ${JSON.stringify(printable(text))}, which is not ${expected}`;
    deps.onWarning("metadata-malformed", `${what}: what needs it is refused`);
  }

  /** Where the metadata tells no address at all, the kernel does. */
  async function complete(pages: Addresses, document: IdentityDocument): Promise<Addresses> {
    const told = withDocument(pages, document);
    return told.ipv4.length + told.ipv6.length > 0 ? told : { ...told, ...(await deps.hostAddresses()) };
  }

  return {
    instanceId: async (signal) => (await readDocument(imds, signal)).instanceId,
    async read(signal) {
      const [document, pages, hostname, shown] = await Promise.all([
        readDocument(imds, signal),
        readAddresses(imds, malformed, signal),
        readHostname(imds, malformed, signal),
        readShownTags(imds, signal),
      ]);
      const addresses = await complete(pages, document);
      const instance: Instance = {
        id: document.instanceId,
        cloud: "aws",
        account: document.accountId,
        region: document.region,
        zone: document.availabilityZone,
        addresses,
        hostname: hostname ?? document.instanceId,
      };
      const found = shown === undefined ? await tagsFromEc2(deps, instance.id, signal) : { tags: shown };
      if (found.tagsAsOf === undefined) refuseLateTags(found.tags, document, deps);
      return { instance, ...found };
    },
    async addresses(signal) {
      const [document, pages] = await Promise.all([readDocument(imds, signal), readAddresses(imds, malformed, signal)]);
      return await complete(pages, document);
    },
    async observe(keys, mayCall, signal) {
      const shown = await readShownTags(imds, signal, keys);
      if (shown !== undefined) return { tags: shown, costsCall: false };
      if (!mayCall) return { tags: undefined, costsCall: true };
      const { instanceId } = await readDocument(imds, signal);
      const tags = await deps.describeTags(instanceId, signal);
      return { tags: Object.fromEntries(Object.entries(tags).filter(([key]) => keys.has(key))), costsCall: true };
    },
  };
}

/**
 * No tag that steers this instance is no answer while the instance is young: a run without them would take the role that
 * the settings have for instances without tags, or none.
 * @throws MusterError `tags-late` (transient)
 */
function refuseLateTags(
  tags: Tags,
  document: IdentityDocument,
  { tagPrefix, isLate }: Pick<AwsIdentityDeps, "tagPrefix" | "isLate">,
): void {
  if (Object.keys(tags).some((key) => key.startsWith(tagPrefix)) || !isLate(document)) return;
  throw new MusterError({
    code: "tags-late",
    message: `EC2 knows no tag ${tagPrefix}… of this instance, which was launched at ${document.pendingTime}: tags may come some seconds later`,
    hint: `An instance that is ${tagsLateMs / 1000} s old counts as one without such tags.`,
    transient: true,
  });
}

/** @throws MusterError `imds-*` */
export async function readDocument(imds: Imds, signal: AbortSignal): Promise<IdentityDocument> {
  const text = await imds.get("dynamic/instance-identity/document", signal);
  const read = text === undefined ? { why: "there is none" } : parseDocument(text);
  if ("document" in read) return read.document;
  throw new MusterError({
    code: "imds-failed",
    message: `The instance metadata service has no usable identity document: ${read.why}`,
    hint: "muster on cloud: aws runs on EC2 instances only.",
    transient: true,
  });
}

type Addresses = Instance["addresses"];

/** Reports a malformed page. */
type OnMalformed = (path: string, text: string, expected: string) => void;

/**
 * Of the first network interface; IMDS has no page for a missing address. A malformed address does not count as
 * missing, which would publish a private address in a public zone: it stays, and membership refuses it.
 */
async function readAddresses(imds: Imds, malformed: OnMalformed, signal: AbortSignal): Promise<Addresses> {
  const read = async (path: string, parse: typeof parseIpv4, expected: string): Promise<readonly string[]> => {
    const lines = linesOf(await imds.get(path, signal));
    const valid = lines.flatMap((line) => parse(line) ?? []);
    const wrong = lines.find((line) => parse(line) === undefined);
    if (wrong !== undefined) malformed(path, wrong, expected);
    return valid.length > 0 ? valid : lines;
  };
  const [ipv4, ipv6, [publicIpv4]] = await Promise.all([
    read("meta-data/local-ipv4", parseIpv4, "an IPv4 address"),
    read("meta-data/ipv6", parseIpv6, "an IPv6 address"),
    read("meta-data/public-ipv4", parseIpv4, "an IPv4 address"),
  ]);
  return { ipv4, ipv6, ...(publicIpv4 === undefined ? {} : { publicIpv4 }) };
}

async function readHostname(imds: Imds, malformed: OnMalformed, signal: AbortSignal): Promise<string | undefined> {
  const path = "meta-data/local-hostname";
  const text = (await imds.get(path, signal))?.trim() ?? "";
  // The first of several words: a DHCP option set with several domains gives several.
  const [first = ""] = text.split(" ");
  if (first === "") return undefined;
  if (!isDnsName(first)) malformed(path, text, "a host name");
  return first;
}

/**
 * The document's address replaces a missing or malformed page of its family: on an instance without IPv4, `privateIp` is
 * null or holds the IPv6 address.
 */
function withDocument({ ipv4, ipv6, ...rest }: Addresses, { privateIp }: IdentityDocument): Addresses {
  const four = privateIp === undefined ? undefined : parseIpv4(privateIp);
  const six = privateIp === undefined ? undefined : parseIpv6(privateIp);
  return { ...rest, ipv4: bestOf(ipv4, parseIpv4, four), ipv6: bestOf(ipv6, parseIpv6, six) };
}

function bestOf(page: readonly string[], parse: typeof parseIpv4, other: string | undefined): readonly string[] {
  return other === undefined || page.some((address) => parse(address) !== undefined) ? page : [other];
}

/**
 * Undefined if the launch template does not show tags; then IMDS has no such page.
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

/** Characters besides letters and digits that a key may have in a path as they are. */
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

/** The id of the VPC of the first network interface; undefined if the metadata does not say. */
export async function readVpc(imds: Imds, signal: AbortSignal): Promise<string | undefined> {
  const mac = (await imds.get("meta-data/mac", signal))?.trim() ?? "";
  if (!/^[0-9a-f:]{17}$/i.test(mac)) return undefined;
  const vpc = (await imds.get(`meta-data/network/interfaces/macs/${mac}/vpc-id`, signal))?.trim() ?? "";
  return /^vpc-[0-9a-f]+$/.test(vpc) ? vpc : undefined;
}
