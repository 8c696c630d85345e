import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type { NetworkInterfaceInfo } from "node:os";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Instance } from "../../domain/instance/instance.ts";

/** The kernel's facts: the addresses of each interface, `/proc/net/route` and `/proc/net/ipv6_route` (proc(5)). */
export type HostNetwork = {
  readonly interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;
  readonly routes: string;
  readonly routes6: string;
};

/**
 * The addresses at which other machines reach this one.
 * @param file a file in which an operator may set them
 * @throws MusterError `instance-no-address` (transient): the network is not up yet
 */
export async function hostAddresses(file: string): Promise<Instance["addresses"]> {
  const found = reachable({
    interfaces: networkInterfaces(),
    routes: await textOf("/proc/net/route"),
    routes6: await textOf("/proc/net/ipv6_route"),
  });
  if (found.ipv4.length + found.ipv6.length > 0) return found;
  throw new MusterError({
    code: "instance-no-address",
    message: "This machine has no address that others could reach yet",
    hint: `Bring its network up, or list its addresses in ${file}.`,
    transient: true,
  });
}

/** Neither loopback nor link-local; those of the interface with the default route first. */
export function reachable({ interfaces, routes, routes6 }: HostNetwork): Instance["addresses"] {
  const preferred = defaultInterfaces(routes, routes6);
  const all = Object.entries(interfaces)
    .toSorted(([a], [b]) => rank(preferred, a) - rank(preferred, b))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ address, internal }) => !internal && !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address));
  return {
    ipv4: all.filter(({ family }) => family === "IPv4").map(({ address }) => address),
    ipv6: all.filter(({ family }) => family === "IPv6").map(({ address }) => address),
  };
}

function rank(preferred: readonly string[], name: string): number {
  const index = preferred.indexOf(name);
  return index < 0 ? preferred.length : index;
}

/** Interfaces with a default route, the lowest metric first. */
function defaultInterfaces(routes: string, routes6: string): readonly string[] {
  const four = fieldsOf(routes)
    .filter(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")
    .map(([name = "", , , , , , metric = ""]) => ({ name, metric: Number(metric) }));
  const six = fieldsOf(routes6)
    .filter(([destination = "", length]) => /^0{32}$/.test(destination) && length === "00")
    .map((fields) => ({ name: fields.at(-1) ?? "", metric: Number.parseInt(fields[5] ?? "", 16) }))
    // The kernel's own entry, which rejects unroutable packets.
    .filter(({ name }) => name !== "lo");
  return [four, six].flatMap((each) => each.toSorted((a, b) => a.metric - b.metric).map(({ name }) => name));
}

function fieldsOf(table: string): readonly string[][] {
  return table.split("\n").map((line) => line.trim().split(/\s+/));
}

/** A kernel without that address family has no such file. */
async function textOf(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}
