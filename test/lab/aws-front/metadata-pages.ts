// What the metadata service of one instance says: every page by its path.
// Source: "Instance metadata categories" and "Instance identity documents" in the Amazon EC2 User Guide.
import type { Credentials } from "./credentials.ts";
import { type EmulatedInstance, isLate } from "./fleet.ts";

export type Pages = ReadonlyMap<string, string>;

export interface Sources {
  /** Of EC2, as they are now. */
  tags(instance: EmulatedInstance): Promise<Readonly<Record<string, string>>>;
  /** Undefined: there are none yet. */
  credentials(instance: EmulatedInstance): Promise<Credentials | undefined>;
}

/** The pages below `/latest/` that bear on a path. What an instance does not have, has no page. */
export async function pagesOf(instance: EmulatedInstance, path: string, sources: Sources): Promise<Pages> {
  const { metadata } = instance;
  const mac = macOf(instance.address);
  const entries: (readonly [string, string | undefined])[] = [
    ["dynamic/instance-identity/document", JSON.stringify(documentOf(instance), null, 2)],
    ["user-data", instance.userData],
    ["meta-data/ami-id", instance.imageId],
    ["meta-data/instance-id", instance.id],
    ["meta-data/instance-type", instance.instanceType],
    ["meta-data/instance-life-cycle", metadata.market],
    ["meta-data/hostname", hostnameOf(instance)],
    ["meta-data/local-hostname", hostnameOf(instance)],
    ["meta-data/local-ipv4", instance.address],
    ["meta-data/public-ipv4", instance.publicIpv4],
    ["meta-data/ipv6", instance.ipv6],
    ["meta-data/mac", mac],
    [`meta-data/network/interfaces/macs/${mac}/local-ipv4s`, instance.address],
    [`meta-data/network/interfaces/macs/${mac}/ipv6s`, instance.ipv6],
    ["meta-data/placement/availability-zone", instance.zone],
    ["meta-data/placement/region", instance.region],
    [targetPage, path === targetPage && isLate(instance, "target") ? undefined : metadata.lifecycle],
    ["meta-data/spot/instance-action", spotAction(metadata.spotAction)],
    ["meta-data/spot/termination-time", metadata.spotAction && seconds(metadata.spotAction.time)],
    ["meta-data/events/recommendations/rebalance", rebalance(metadata.rebalance)],
    ["meta-data/events/maintenance/history", "[]"],
    ["meta-data/events/maintenance/scheduled", JSON.stringify(metadata.maintenance)],
    // These two ask moto, which takes its time: agents do not wait long for a page.
    ...(bears(path, "meta-data/iam") ? await rolePages(instance, sources) : []),
    ...(bears(path, "meta-data/tags") ? await tagPages(instance, sources) : []),
  ];
  return new Map(entries.flatMap(([page, text]) => (text === undefined ? [] : [[page, text] as const])));
}

const targetPage = "meta-data/autoscaling/target-lifecycle-state";

/** Whether the path leads into the directory, or lists one that it is in. */
function bears(path: string, directory: string): boolean {
  return `${path}/`.startsWith(directory) || directory.startsWith(path);
}

/** A page's text, a directory's listing, or nothing. */
export function read(pages: Pages, path: string): string | undefined {
  const wanted = path.replace(/\/$/, "");
  const page = pages.get(wanted);
  if (page !== undefined) return page;
  const below = [...pages.keys()].filter((other) => other.startsWith(`${wanted}/`));
  if (below.length === 0) return undefined;
  const children = below.map((other) => {
    const [child = "", ...deeper] = other.slice(wanted.length + 1).split("/");
    return deeper.length === 0 ? child : `${child}/`;
  });
  return [...new Set(children)].join("\n");
}

type Entries = (readonly [string, string])[];

async function rolePages(instance: EmulatedInstance, sources: Sources): Promise<Entries> {
  const { role } = instance;
  if (role === undefined) return [];
  const credentials = await sources.credentials(instance);
  if (credentials === undefined) return [];
  const { expiration, ...keys } = credentials;
  const page = {
    Code: "Success",
    LastUpdated: seconds(new Date()),
    Type: "AWS-HMAC",
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    Token: keys.sessionToken,
    Expiration: seconds(expiration),
  };
  return [[`meta-data/iam/security-credentials/${role}`, JSON.stringify(page, null, 2)]];
}

async function tagPages(instance: EmulatedInstance, sources: Sources): Promise<Entries> {
  if (!instance.metadata.tags) return [];
  const tags = Object.entries(await sources.tags(instance));
  return tags.map(([key, value]) => [`meta-data/tags/instance/${key}`, value] as const);
}

function documentOf(instance: EmulatedInstance) {
  return {
    accountId: instance.account,
    architecture: "x86_64",
    availabilityZone: instance.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.id,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: seconds(instance.launchedAt),
    privateIp: instance.address,
    ramdiskId: null,
    region: instance.region,
    version: "2017-09-30",
  };
}

function hostnameOf({ address, region }: EmulatedInstance): string {
  return `ip-${address.replaceAll(".", "-")}.${region}.compute.internal`;
}

function macOf(address: string): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["06", "a1", ...octets].join(":");
}

function spotAction(notice: EmulatedInstance["metadata"]["spotAction"]): string | undefined {
  return notice && JSON.stringify({ action: notice.action, time: seconds(notice.time) });
}

function rebalance(noticed: Date | undefined): string | undefined {
  return noticed && JSON.stringify({ noticeTime: seconds(noticed) });
}

/** IMDS writes whole seconds. */
function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
