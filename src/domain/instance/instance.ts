import type { CloudNotice } from "../membership/cloud-notice.ts";

/** Where identity, balancers, names and tags come from. */
export const clouds = ["aws", "local"] as const;

export type Cloud = (typeof clouds)[number];

/** The identity of this machine. From IMDS and EC2, or from `/etc/muster/instance.yaml`. */
export type Instance = {
  readonly id: string;
  readonly cloud: Cloud;
  /** The account that owns the instance; `local` on the local cloud. */
  readonly account: string;
  /** The region; on the local cloud the zone without its last `-x` part, or the value of the file. */
  readonly region: string;
  readonly zone: string;
  /** Addresses in the order in which the host prefers them. */
  readonly addresses: {
    readonly ipv4: readonly string[];
    readonly ipv6: readonly string[];
    /** The public address, if it differs from its own. */
    readonly publicIpv4?: string | undefined;
  };
  readonly hostname: string;
};

/** The identity with these addresses. Pure. */
export function readdressed(identity: Identity, addresses: Instance["addresses"]): Identity {
  return { ...identity, instance: { ...identity.instance, addresses } };
}

/** Whether both are the same, in the same order. Pure. */
export function isSameAddresses(one: Instance["addresses"], other: Instance["addresses"]): boolean {
  return addressesText(one) === addressesText(other);
}

/** As people read them: the public one is named so. Pure. */
export function addressesText({ ipv4, ipv6, publicIpv4 }: Instance["addresses"]): string {
  const texts = [...ipv4, ...ipv6, ...(publicIpv4 === undefined ? [] : [`public ${publicIpv4}`])];
  return texts.length === 0 ? "none" : texts.join(", ");
}

/**
 * Tags by their full key, prefix included (`muster:role`). Every user with permission to write tags writes them: never
 * trusted as such.
 */
export type Tags = Readonly<Record<string, string>>;

/** The result of the identity stage. */
export type Identity = {
  readonly instance: Instance;
  readonly tags: Tags;
  /** When the tags were read, ISO 8601, if the cloud does not answer now; absent if they are fresh. */
  readonly tagsAsOf?: string | undefined;
};

/** The content of `/etc/muster/instance.yaml`; missing values are taken from the machine. */
export type InstanceFile = Omit<Instance, "cloud" | "addresses" | "hostname"> &
  Partial<Pick<Instance, "addresses" | "hostname">> & {
    readonly tags: Tags;
    readonly notices?: readonly CloudNotice[];
  };
