import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request, type ClientRequest, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { createHaproxy } from "../../src/adapters/local/haproxy.ts";
import { createHaproxySocket } from "../../src/adapters/local/haproxy-socket.ts";
import type { Target } from "../../src/domain/membership/membership.ts";
import { startHaproxy, type Haproxy } from "../lab/services/haproxy.ts";
import { waitFor } from "../lab/wait.ts";
import { loadBalancerSuite } from "./load-balancer.suite.ts";

const address = "127.66.11.4";
const service = { host: "127.66.11.5", port: 8080 };
const signal = new AbortController().signal;
let haproxy: Haproxy;
let web: Server;
let dir: string;
/** While it is set, the service answers 503 to the balancer's check. */
let sick = false;
let held = 0;
/** Requests of users, not of the check, that arrived while the service was sick. */
let misled = 0;
const requests: ClientRequest[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "muster-haproxy-"));
  web = createServer((asked, answer) => {
    if (asked.url === "/slow") {
      held += 1;
      return;
    }
    // HAProxy's check sends no Host header.
    if (sick && asked.headers.host !== undefined) misled += 1;
    answer.writeHead(sick ? 503 : 200).end("welcome");
  });
  await new Promise<void>((resolve) => web.listen(service.port, service.host, resolve));
  haproxy = await startHaproxy({ address, dir, backends: [{ name: "web-dev" }] });
});

afterAll(async () => {
  for (const one of requests) one.destroy();
  await haproxy?.stop();
  web?.closeAllConnections();
  await new Promise((resolve) => web?.close(resolve));
  await rm(dir, { recursive: true, force: true });
});

function target(member: string): Target {
  return {
    group: "web-dev",
    instance: member.replace(/-\d+$/, ""),
    member,
    address: service.host,
    port: service.port,
    deadlineMs: 10_000,
    drainMs: 1_000,
  };
}

function balancer(socket: { host: string; port: number } | { path: string } = haproxy.runtime) {
  return createHaproxy({ ask: createHaproxySocket(socket), clock: createClock() });
}

async function openRequest(): Promise<void> {
  const before = held;
  const one = request({ host: address, path: "/slow", agent: false });
  one.on("error", () => undefined);
  one.end();
  requests.push(one);
  await waitFor(async () => held > before, { what: "the request arrived", timeout: 5_000 });
}

const traits = {
  sickReason: ({ group, member }: Target) => `${group}/${member}: DOWN`,
  countsConnections: true,
  moved: "wrong",
} as const;

loadBalancerSuite("HAProxy over TCP", () => ({
  balancer: balancer(),
  target,
  ...traits,
  async setHealthy(_target, healthy) {
    sick = !healthy;
  },
  openRequest,
}));

describe("HAProxy", () => {
  test("answers on its unix socket too", async () => {
    expect(await balancer({ path: haproxy.socket }).observe(target("nobody-80"), signal)).toEqual({ kind: "absent" });
  });

  test("never sends a request to a member before its check has passed", async () => {
    const place = target("early-80");
    sick = true;
    misled = 0;
    const watch = haproxy.watch("/", { everyMs: 10 });
    await balancer().register(place, signal);
    // Past the verdict that `register` waited for: a server that counts as up until it fails would show by now.
    expect((await balancer().observe(place, signal)).kind).toBe("unhealthy");
    sick = false;
    await waitFor(async () => (await balancer().observe(place, signal)).kind === "healthy", {
      what: "healthy",
      timeout: 10_000,
    });
    await waitFor(async () => watch.ok > 0, { what: "a request came through", timeout: 5_000 });
    await watch.stop();
    expect(misled).toBe(0);
    await balancer().remove(place, signal);
  });

  test("a server that was switched off by hand is wrong, and registering switches it on", async () => {
    const place = target("off-80");
    await balancer().register(place, signal);
    await haproxy.command("set server web-dev/off-80 state maint");
    expect(await balancer().observe(place, signal)).toEqual({ kind: "wrong", reason: "in maintenance" });
    await balancer().register(place, signal);
    expect((await balancer().observe(place, signal)).kind).toBe("healthy");
    await balancer().remove(place, signal);
  });

  test("a server that somebody added without a check is added anew with one", async () => {
    const place = target("unchecked-80");
    await haproxy.command(`add server web-dev/unchecked-80 ${place.address}:${place.port}`);
    await haproxy.command("set server web-dev/unchecked-80 state ready");
    expect((await balancer().observe(place, signal)).kind).toBe("wrong");
    await balancer().register(place, signal);
    expect((await balancer().observe(place, signal)).kind).toBe("healthy");
    await balancer().remove(place, signal);
  });

  test("a reload forgets the members: they are absent, and registering brings them back", async () => {
    const place = target("forgotten-80");
    await balancer().register(place, signal);
    await haproxy.reload();
    expect(await balancer().observe(place, signal)).toEqual({ kind: "absent" });
    await balancer().register(place, signal);
    expect((await balancer().observe(place, signal)).kind).toBe("healthy");
    await balancer().remove(place, signal);
  });

  test("a refused connection is said in plain words", async () => {
    const place = { ...target("closed-80"), port: 8081 };
    await balancer().register(place, signal);
    const state = await balancer().observe(place, signal);
    expect(state).toEqual({
      kind: "unhealthy",
      reason: expect.stringMatching(
        /^HAProxy web-dev\/closed-80: DOWN, layer-4 connection failed: .*[Cc]onnection refused/,
      ) as string,
    });
    await balancer().remove(place, signal);
  });

  test("a name that would end the command is refused before anything is sent", async () => {
    const place = { ...target("x"), member: "x;shutdown sessions" };
    await expect(balancer().register(place, signal)).rejects.toMatchObject({ code: "register-group-invalid" });
  });

  test("a name that does not resolve, no socket, a closed port and silence are errors of their own", async () => {
    const place = target("x-80");
    async function codeOf(socket: { host: string; port: number } | { path: string }): Promise<unknown> {
      const error: unknown = await balancer(socket)
        .observe(place, signal)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ transient: true });
      return (error as { code?: unknown }).code;
    }
    expect(await codeOf({ host: "lb1.invalid", port: 9999 })).toBe("balancer-name-unresolved");
    expect(await codeOf({ path: join(dir, "none") })).toBe("balancer-socket-missing");
    expect(await codeOf({ host: address, port: 1 })).toBe("balancer-connection-refused");
    await haproxy.blackhole();
    expect(await codeOf(haproxy.runtime)).toBe("balancer-timeout");
    await haproxy.start();
  });
});
