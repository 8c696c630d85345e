import { createSocket } from "node:dgram";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type { NetworkInterfaceInfo } from "node:os";
import { parseIpv6 } from "../../domain/instance/address.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Instance } from "../../domain/instance/instance.ts";

/** The kernel's facts. */
export type HostNetwork = {
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  /** `/proc/net/if_inet6`: address, index, prefix length, scope, flags and name of each IPv6 address. */
  readonly flags6: string;
  /** The addresses that the kernel would send from, of each family that has a route. */
  readonly sources: readonly string[];
};

/**
 * The addresses at which other machines reach this one; that which the kernel would send from comes first.
 * @param file a file in which an operator may set them
 * @throws MusterError `instance-no-address` (transient): the network is not up yet
 */
export async function hostAddresses(file: string): Promise<Instance["addresses"]> {
  const found = await kernelAddresses();
  if (found.ipv4.length + found.ipv6.length > 0) return found;
  throw new MusterError({
    code: "instance-no-address",
    message: "This machine has no address that others could reach yet",
    hint: `Bring its network up, or list its addresses in ${file}.`,
    transient: true,
  });
}

/** As {@link reachable}, of this machine; none while its network is not up. */
export async function kernelAddresses(): Promise<Instance["addresses"]> {
  const sources = await Promise.all([sourceOf("udp4", "192.0.2.1"), sourceOf("udp6", "2001:db8::1")]);
  return reachable({
    interfaces: networkInterfaces(),
    // A kernel without IPv6 has no such file.
    flags6: await readFile("/proc/net/if_inet6", "utf8").catch(() => ""),
    sources: sources.flatMap((source) => source ?? []),
  });
}

/**
 * The kernel's choice first, then the others of that interface, then the rest. Neither loopback nor link-local; no IPv6
 * address that is deprecated, temporary or tentative; nothing of a container bridge, unless the kernel sends from there:
 * the bridge then is the machine's uplink.
 */
export function reachable({ interfaces, flags6, sources }: HostNetwork): Instance["addresses"] {
  const passing = passingAddresses(flags6);
  const usable = Object.entries(interfaces).flatMap(([name, addresses = []]) => {
    const isUplink = addresses.some(({ address }) => sources.includes(address));
    if (isOfContainers(name) && !isUplink) return [];
    return addresses
      .filter(({ address, internal }) => (!internal || sources.includes(address)) && !isLocal(address))
      .filter(({ address }) => !passing.has(parseIpv6(address) ?? address))
      .map(({ address, family }) => ({ address, family, rank: rankOf(sources.includes(address), isUplink) }));
  });
  const of = (family: NetworkInterfaceInfo["family"]): readonly string[] =>
    usable
      .filter((one) => one.family === family)
      .toSorted((a, b) => a.rank - b.rank)
      .map(({ address }) => address);
  return { ipv4: of("IPv4"), ipv6: of("IPv6") };
}

function rankOf(isSource: boolean, isUplink: boolean): number {
  if (isSource) return 0;
  return isUplink ? 1 : 2;
}

function isLocal(address: string): boolean {
  return /^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address);
}

/** Docker, libvirt, CNI plugins, podman, LXC and LXD name their bridges and pairs so. */
function isOfContainers(name: string): boolean {
  return /^(docker\d|br-|virbr|cni|veth|podman\d|lxcbr|lxdbr|flannel|cali)/.test(name);
}

/** IFA_F_TEMPORARY, IFA_F_DADFAILED, IFA_F_DEPRECATED and IFA_F_TENTATIVE of linux/if_addr.h. */
const passingFlags = 0x01 | 0x08 | 0x20 | 0x40;

function passingAddresses(flags6: string): ReadonlySet<string> {
  const lines = flags6.split("\n").map((line) => line.trim().split(/\s+/));
  const passing = lines.filter(([, , , , flags = ""]) => (Number.parseInt(flags, 16) & passingFlags) !== 0);
  return new Set(passing.flatMap(([hex = ""]) => parseIpv6(hex.replaceAll(/.{4}(?!$)/g, "$&:")) ?? []));
}

/**
 * Asks the kernel which address it would send from: connecting a UDP socket chooses one and sends nothing (udp(7)). The
 * destinations belong to documentation (RFC 5737, RFC 3849), so that the default route counts.
 * @returns undefined without a route
 */
async function sourceOf(type: "udp4" | "udp6", destination: string): Promise<string | undefined> {
  const socket = createSocket(type);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  try {
    socket.once("error", () => resolve(undefined));
    socket.connect(9, destination, () => resolve(addressOf(socket)));
    return await promise;
  } catch {
    return undefined;
  } finally {
    closeQuietly(socket);
  }
}

type Socket = ReturnType<typeof createSocket>;

/** A failed connect calls back as well, and such a socket has no address. */
function addressOf(socket: Socket): string | undefined {
  try {
    return socket.address().address;
  } catch {
    return undefined;
  }
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It never opened.
  }
}
