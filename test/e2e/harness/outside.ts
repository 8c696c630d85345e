// What the world outside says of instances: the balancer, the zone, the page.
import { expect } from "vitest";

import type { BalancedServer } from "../../lab/services/haproxy-runtime.ts";
import type { DnsRecord } from "../../lab/services/dns-server.ts";
import { zone } from "../../lab/services/services.ts";
import type { World } from "./world.ts";

export const backend = "web-dev";
export const publicName = `www.${zone}`;

const ofTheLab = ["www", "apt", "git", "haproxy", "ns"].map((name) => `${name}.${zone}`);

/** The zone's records but for those that the lab began with. */
export async function published({ services }: World): Promise<DnsRecord[]> {
  return (await services.dns.records()).filter(({ name }) => !ofTheLab.includes(name));
}

export function servers({ services }: World): Promise<BalancedServer[]> {
  return services.haproxy.servers(backend);
}

export async function expectNothingRegistered(world: World): Promise<void> {
  expect(await servers(world), "servers in the balancer").toEqual([]);
  expect(await published(world), "records in the zone").toEqual([]);
}

/** The page as a user gets it: the name from DNS, then through the balancer. */
export async function pageThroughBalancer(world: World): Promise<string> {
  const { dns, haproxy } = world.services;
  expect(await dns.query(publicName, "A")).toEqual([haproxy.address]);
  const { status, body } = await haproxy.get("/", { host: publicName });
  expect(status, body).toBe(200);
  return body;
}

/** A server's identity in HAProxy: another id means that it was removed and added again. */
export async function serverStates({ services }: World): Promise<string[]> {
  const text = await services.haproxy.command(`show servers state ${backend}`);
  const [, header = "", ...lines] = text.split("\n");
  const names = header.replace(/^# /, "").split(" ");
  const kept = ["srv_id", "srv_name", "srv_addr", "srv_op_state", "srv_admin_state"].map((name) => names.indexOf(name));
  return lines.filter((line) => line !== "").map((line) => kept.map((at) => line.split(" ")[at]).join(" "));
}
