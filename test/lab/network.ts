// A lab's network: one bridge and one /24 in the network namespace that in-lab.ts made, so tests
// and services reach instances directly. Every instance has a namespace of its own.
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { run } from "./run.ts";

export interface Network {
  /** The lab's number in this run, 0 to 255: part of every name and address. */
  number: number;
  /** 10.66.NUMBER.HOST */
  address: (host: number) => string;
  /** Makes an instance's namespace with `eth0` in it; returns its path. */
  plug: (name: string, host: number) => Promise<string>;
  unplug: (name: string) => Promise<void>;
  close: () => Promise<void>;
}

/** Hosts 1 to 9 are the lab's own (services); instances start at 16. */
export const firstInstance = 16;
const ownHosts = [1, 2, 3, 4, 5, 6, 7, 8, 9];

export async function createNetwork(directory: string): Promise<Network> {
  const number = await claimNumber(directory);
  const bridge = `lab${number}`;
  const address = (host: number): string => `10.66.${number}.${host}`;
  // An address of its own: else the bridge takes the lowest of its ports, another one with every machine that comes or
  // goes, and the others send to the old one until they ask again, half a minute later.
  const mac = `02:00:0a:42:${number.toString(16).padStart(2, "0")}:01`;
  await run(["ip", "link", "add", bridge, "address", mac, "type", "bridge"]);
  for (const host of ownHosts) await run(["ip", "address", "add", `${address(host)}/24`, "dev", bridge]);
  await run(["ip", "link", "set", bridge, "up"]);
  const outsides = new Map<string, string>();

  /**
   * The kernel takes what is in a deleted namespace away when it finds the time. The next lab of this number would
   * find the name of our interface taken, so it goes first, at once.
   */
  async function unplug(name: string): Promise<void> {
    const outside = outsides.get(name);
    outsides.delete(name);
    if (outside !== undefined) await run(["ip", "link", "delete", outside], { check: false });
    await run(["ip", "netns", "delete", name]);
  }

  return {
    number,
    address,
    plug: async (name, host) => {
      // Interface names have at most 15 characters, so it is the number and not the name.
      const outside = `lab${number}-${host}`;
      await run(["ip", "netns", "add", name]);
      outsides.set(name, outside);
      try {
        await run(["ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", name]);
        await run(["ip", "link", "set", outside, "master", bridge, "up"]);
        const inside = ["ip", "-netns", name];
        await run([...inside, "address", "add", `${address(host)}/24`, "dev", "eth0"]);
        for (const device of ["lo", "eth0"]) await run([...inside, "link", "set", device, "up"]);
        await run([...inside, "route", "add", "default", "via", address(1)]);
      } catch (error) {
        await unplug(name);
        throw error;
      }
      return join("/run/netns", name);
    },
    unplug,
    close: async () => {
      await run(["ip", "link", "delete", bridge]);
      await rm(join(directory, `${number}`), { recursive: true, force: true });
    },
  };
}

/** Several labs share the namespace: the first free number is theirs whose mkdir succeeds. */
async function claimNumber(directory: string): Promise<number> {
  for (let number = 0; number < 256; number += 1) {
    try {
      await mkdir(join(directory, `${number}`));
      return number;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
  throw new Error("256 labs are open: is one of them never closed?");
}
