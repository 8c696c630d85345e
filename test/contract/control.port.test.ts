import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { InstanceState } from "../../src/domain/instance/state.ts";
import { initialStatus } from "../../src/run/state/status.ts";
import { at, listen, world } from "./control.world.ts";

/** A port that nobody has; whoever comes first takes it. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

test("over TCP health and metrics are told, and nothing else is there", async () => {
  const port = await freePort();
  let state: InstanceState = "in-service";
  await listen(
    { status: async () => ({ ...initialStatus("boot", at), state }) },
    { address: { host: "127.0.0.1", port } },
  );
  const get = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, init);

  const health = await get("/healthz");
  expect([health.status, await health.text()]).toEqual([200, "in-service\n"]);
  state = "leaving";
  const later = await get("/healthz");
  expect([later.status, await later.text()]).toEqual([503, "leaving\n"]);
  expect((await get("/metrics")).status).toBe(200);
  for (const [path, method] of [
    ["/v1/status", "GET"],
    ["/v1/events", "GET"],
    ["/v1/tags", "GET"],
    ["/v1/runs", "POST"],
    ["/v1/membership", "POST"],
    ["/metrics", "POST"],
    ["/healthz?", "GET"],
  ] as const) {
    expect((await get(path, { method })).status, `${method} ${path}`).toBe(404);
  }
});

test("a port that somebody else has is said, and the sockets are there all the same", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  try {
    const said: string[] = [];
    await listen(
      { status: async () => initialStatus("boot", at) },
      { address: { host: "127.0.0.1", port }, onFailure: (text) => void said.push(text) },
    );
    // Each runtime has words of its own for it.
    const words = /: (listen EADDRINUSE|Failed to start server\. Is port \d+ in use\?)/;
    expect(said).toEqual([expect.stringContaining(`not told on 127.0.0.1:${port}`)]);
    expect(said[0]).toMatch(words);
    expect(world.path).toBeTruthy();
  } finally {
    await new Promise((resolve) => void other.close(resolve));
  }
});
