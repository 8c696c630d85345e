// The reconciler with its real parts: HAProxy, BIND and files, and users who keep asking.
import { localPace } from "../../src/adapters/local/pace.ts";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { exec } from "../../src/adapters/host/exec.ts";
import { createStateFiles } from "../../src/adapters/host/state-files.ts";
import { createHaproxy } from "../../src/adapters/local/haproxy.ts";
import { createHaproxySocket } from "../../src/adapters/local/haproxy-socket.ts";
import { createRfc2136 } from "../../src/adapters/local/rfc2136.ts";
import { createTagFile, ownTagFile } from "../../src/adapters/local/tag-file.ts";
import { createMembership, type Membership } from "../../src/membership/membership.ts";
import { run } from "../lab/run.ts";
import { startDnsServer, type DnsServer } from "../lab/services/dns-server.ts";
import { startHaproxy, type Haproxy } from "../lab/services/haproxy.ts";

const balancerAddress = "127.66.12.4";
const dnsAddress = "127.66.12.5";
const signal = new AbortController().signal;
const listen = (): void => undefined;
let dir: string;
let haproxy: Haproxy;
let dns: DnsServer;
const servers: Server[] = [];

beforeAll(async () => {
  // named listens on addresses that an interface has, and 127.0.0.0/8 is on none but by its first.
  await run(["ip", "address", "replace", `${dnsAddress}/32`, "dev", "lo"]);
  dir = await mkdtemp(join(tmpdir(), "muster-membership-"));
  haproxy = await startHaproxy({ address: balancerAddress, dir, backends: [{ name: "web-dev" }] });
  dns = await startDnsServer({ address: dnsAddress, dir, zone: "example.internal", records: [] });
});

afterAll(async () => {
  await haproxy?.stop();
  await dns?.stop();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(dir, { recursive: true, force: true });
  await run(["ip", "address", "del", `${dnsAddress}/32`, "dev", "lo"]);
});

/** An instance that serves, with a wish to be in service. */
async function instance(number: number): Promise<Membership> {
  const address = `127.66.12.${10 + number}`;
  const server = createServer((_asked, answer) => void setTimeout(() => answer.end("welcome"), 20));
  await new Promise<void>((resolve) => server.listen(8080, address, resolve));
  servers.push(server);
  const clock = createClock();
  const files = createStateFiles(join(dir, `state-${number}`));
  const membership = createMembership({
    pace: localPace,
    files,
    clock,
    balancer: createHaproxy({ ask: createHaproxySocket(haproxy.runtime), clock }),
    dns: createRfc2136({ at: { server: dnsAddress, port: 53, keyFile: dns.keyFile }, exec, clock }),
    tags: createTagFile({ files, name: ownTagFile }),
    tagPrefix: "muster:",
  });
  const id = `i-${number}`;
  await membership.want({
    want: "in",
    by: "run",
    reason: "every gate passed",
    bootId: "boot-1",
    owner: { account: "local", region: "local", instance: id },
    places: {
      targets: [
        {
          group: "web-dev",
          instance: id,
          member: `${id}-8080`,
          address,
          port: 8080,
          deadlineMs: 20_000,
          drainMs: 5_000,
        },
      ],
      records: [{ zone: "example.internal", name: "web.example.internal", type: "A", ttl: 1, value: address }],
    },
    tags: { state: "in-service", reason: "every gate passed" },
  });
  return membership;
}

test("instances join, come back after a reload, and one leaves and returns without a failed request", async () => {
  const [one, two] = [await instance(1), await instance(2)];
  await Promise.all([one.reconcile({ signal, listen }), two.reconcile({ signal, listen })]);
  expect((await dns.query("web.example.internal", "A")).toSorted()).toEqual(["127.66.12.11", "127.66.12.12"]);
  expect((await haproxy.servers("web-dev")).map(({ state }) => state)).toEqual(["UP", "UP"]);
  expect(await one.reconcile({ signal, listen })).toEqual({ kind: "agrees", want: "in", changed: false });

  await haproxy.reload();
  await Promise.all([one.reconcile({ signal, listen }), two.reconcile({ signal, listen })]);
  expect((await haproxy.servers("web-dev")).map(({ state }) => state)).toEqual(["UP", "UP"]);

  const users = haproxy.watch("/", { everyMs: 5 });
  await one.want({ want: "out", by: "operator", reason: "muster drain", bootId: "boot-1" });
  expect(await one.reconcile({ signal, listen })).toEqual({ kind: "agrees", want: "out", changed: true });
  await one.want({ want: "in", by: "operator", reason: "muster join", bootId: "boot-1" });
  await one.reconcile({ signal, listen });
  await users.stop();
  expect(users.ok).toBeGreaterThan(50);
  expect(users.failures).toEqual([]);

  await Promise.all(
    [one, two].map(async (membership) => {
      await membership.want({ want: "out", by: "operator", reason: "muster drain", bootId: "boot-1" });
      await membership.reconcile({ signal, listen });
    }),
  );
  expect(await haproxy.servers("web-dev")).toEqual([]);
  expect(await dns.records()).toEqual([{ name: "ns.example.internal", ttl: 30, type: "A", data: dnsAddress }]);
});
