import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { MusterError } from "../../domain/errors.ts";
import type { Instance } from "../../domain/instance.ts";

/**
 * The addresses that others can reach this machine at: those of the interface with the default route first.
 * @throws MusterError `instance-address-missing` (transient): the network is not up yet
 */
export async function hostAddresses(file: string): Promise<Instance["addresses"]> {
  const preferred = await defaultInterfaces();
  const all = Object.entries(networkInterfaces())
    .toSorted(([a], [b]) => rank(preferred, a) - rank(preferred, b))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ address, internal }) => !internal && isReachable(address));
  if (all.length === 0) {
    throw new MusterError({
      code: "instance-address-missing",
      message: "This machine has no address that others could reach yet",
      hint: `Bring its network up, or list its addresses in ${file}.`,
      transient: true,
    });
  }
  return {
    ipv4: all.filter(({ family }) => family === "IPv4").map(({ address }) => address),
    ipv6: all.filter(({ family }) => family === "IPv6").map(({ address }) => address),
  };
}

/** Neither loopback nor link-local. */
function isReachable(address: string): boolean {
  return !/^(127\.|169\.254\.|::1$|fe[89ab])/i.test(address);
}

function rank(preferred: readonly string[], name: string): number {
  const index = preferred.indexOf(name);
  return index < 0 ? preferred.length : index;
}

/** Interfaces with a default route, by the metric of the route; see proc(5), `/proc/net/route`. */
async function defaultInterfaces(): Promise<readonly string[]> {
  const four = (await lines("/proc/net/route"))
    .filter(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")
    .map(([name = "", , , , , , metric = ""]) => ({ name, metric: Number(metric) }));
  const six = (await lines("/proc/net/ipv6_route"))
    .filter(([destination, length]) => /^0{32}$/.test(destination ?? "") && length === "00")
    .map((fields) => ({ name: fields.at(-1) ?? "", metric: Number.parseInt(fields[5] ?? "", 16) }))
    // The kernel's own entry that rejects what has no route.
    .filter(({ name }) => name !== "lo");
  return [...byMetric(four), ...byMetric(six)];
}

function byMetric(routes: readonly { readonly name: string; readonly metric: number }[]): readonly string[] {
  return routes.toSorted((a, b) => a.metric - b.metric).map(({ name }) => name);
}

async function lines(file: string): Promise<readonly string[][]> {
  // A kernel without that address family has no such file.
  const text = await readFile(file, "utf8").catch(() => "");
  return text.split("\n").map((line) => line.trim().split(/\s+/));
}
