// 169.254.169.254 for the instances of one lab. Labs share a network namespace, and the address is the same for all of
// them, so it lives in a namespace of its own, and a routing rule leads there whoever comes from this lab's bridge.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:net";
import { join } from "node:path";

import type { Network } from "../network.ts";
import { run } from "../run.ts";

export const metadataAddress = "169.254.169.254";

export interface MetadataNetwork {
  /** A listening socket on 169.254.169.254. Nobody else's traffic reaches it. */
  listen(port: number): Promise<Server>;
  /** From one instance, the address is not there: its packets are answered `unreachable` at once, or dropped. */
  hide(from: string, how: "unreachable" | "blackhole"): Promise<void>;
  show(from: string): Promise<void>;
  close(): Promise<void>;
}

export async function createMetadataNetwork({ number, address }: Network): Promise<MetadataNetwork> {
  const name = `lab${number}-imds`;
  const table = String(1_000 + number);
  const namespace = join("/run/netns", name);
  const rule = ["iif", `lab${number}`, "to", metadataAddress];
  await run(["ip", "netns", "add", name]);
  await run(["ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name]);
  await run(["ip", "link", "set", name, "up"]);
  const inside = ["ip", "-netns", name];
  await run([...inside, "address", "add", `${metadataAddress}/32`, "dev", "eth0"]);
  for (const device of ["lo", "eth0"]) await run([...inside, "link", "set", device, "up"]);
  await run([...inside, "route", "add", "default", "via", address(1), "dev", "eth0", "onlink"]);
  await run(["ip", "route", "add", metadataAddress, "dev", name, "table", table]);
  await run(["ip", "rule", "add", ...rule, "lookup", table, "priority", "200"]);

  const hidden = (from: string) => ["from", from, "to", metadataAddress, "priority", "100"];
  return {
    listen: (port) => listenInside(namespace, port),
    hide: async (from, how) => void (await run(["ip", "rule", "add", ...hidden(from), "type", how])),
    show: async (from) => void (await run(["ip", "rule", "delete", ...hidden(from)])),
    async close() {
      await run(["ip", "rule", "delete", ...rule, "lookup", table]);
      await run(["ip", "link", "delete", name]);
      await run(["ip", "netns", "delete", name]);
    },
  };
}

async function listenInside(namespace: string, port: number): Promise<Server> {
  const agent = join(import.meta.dirname, "imds-listen-agent.ts");
  const command = [`--net=${namespace}`, process.execPath, agent, metadataAddress, String(port)];
  const child = spawn("nsenter", command, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const given = once(child, "message", { signal: AbortSignal.timeout(10_000) });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the metadata address is taken")));
  try {
    const [, server] = (await Promise.race([given, ended])) as [string, Server];
    return server;
  } finally {
    ended.catch(() => undefined);
    given.catch(() => undefined);
    if (child.exitCode === null) child.kill("SIGKILL");
  }
}
