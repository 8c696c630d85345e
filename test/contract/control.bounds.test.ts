// What clients may take of the daemon: connections, time and memory.
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createControlClient, createTagsClient } from "../../src/adapters/control/client.ts";
import { createConnections } from "../../src/adapters/control/connections.ts";
import type { AuditEntry } from "../../src/adapters/control/audit.ts";
import { initialStatus } from "../../src/run/state/status.ts";
import { at, listen, never, serve, world } from "./control.world.ts";

const halfSent = `POST /v1/tags/add HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n${"x".repeat(30_000)}`;

function open(path: string, text: string): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const socket = connect(path, () => {
    socket.write(text);
    resolve(socket);
  });
  // Those who were turned away are told by the end of the connection.
  socket.on("error", () => resolve(socket));
  socket.resume();
  return promise;
}

function takenMemory(): number {
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

test("8,000 half-sent bodies keep nobody out and are not held", { timeout: 60_000 }, async () => {
  const agent = await serve({ status: async () => initialStatus("boot-a", at) });
  const member = createControlClient(world.groupSocket);
  const before = takenMemory();
  const sockets = new Set<Socket>();
  for (let batch = 0; batch < 80; batch += 1) {
    const opened = await Promise.all(Array.from({ length: 100 }, () => open(world.groupSocket, halfSent)));
    for (const socket of opened) if (!socket.destroyed) sockets.add(socket);
    if (batch % 20 !== 0) continue;
    expect((await member.status()).state).toBe("new");
    expect((await agent.status()).state).toBe("new");
  }
  const left = () => [...sockets].filter((socket) => !socket.destroyed).length;
  await expect.poll(left, { timeout: 10_000 }).toBeLessThanOrEqual(64);
  // Measured: 69 MB, the garbage of the test included, and 169 MB where the daemon holds every body.
  expect(takenMemory() - before).toBeLessThan(120 * 1024 * 1024);
  for (const socket of sockets) socket.destroy();
});

/** Connections with little patience, behind a socket of their own. */
async function serveConnections(answered: (what: string) => void, patience: { askMs: number; readMs: number }) {
  const connections = createConnections(({ what }, reply) => {
    answered(what);
    if (what === "GET /wait") return;
    reply.send(200, "text/plain", what === "GET /much" ? "x".repeat(3_000_000) : "ok");
  }, patience);
  const server: Server = createServer((socket) => connections.take(socket));
  await new Promise<void>((resolve) => void server.listen(world.path, resolve));
  return {
    async [Symbol.asyncDispose]() {
      connections.dropAll();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function closed(socket: Socket): Promise<"closed"> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve("closed");
    else socket.once("close", () => resolve("closed"));
  });
}

const patience = { askMs: 300, readMs: 300 };

test("who does not say what it wants is let go", async () => {
  await using _ = await serveConnections(() => undefined, patience);
  for (const text of ["", "GET / HT", halfSent]) {
    expect(await closed(await open(world.path, text))).toBe("closed");
  }
});

test("who does not read its answer is let go", async () => {
  await using _ = await serveConnections(() => undefined, patience);
  const socket = connect(world.path, () => socket.write("GET /much HTTP/1.1\r\n\r\n"));
  socket.on("error", () => undefined);
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  // What it had not read is lost with the connection.
  let got = 0;
  socket.on("data", (chunk: Buffer) => void (got += chunk.length));
  socket.resume();
  await closed(socket);
  expect(got).toBeLessThan(3_000_000);
});

test("when all are being answered the newcomer is told so, and what comes behind a request ends it", async () => {
  let answering = 0;
  await using _ = await serveConnections(() => void (answering += 1), { askMs: 20_000, readMs: 20_000 });
  const sockets = await Promise.all(Array.from({ length: 64 }, () => open(world.path, "GET /wait HTTP/1.1\r\n\r\n")));
  await expect.poll(() => answering).toBe(64);
  const refused = connect(world.path);
  let text = "";
  refused.setEncoding("utf8").on("data", (chunk: string) => void (text += chunk));
  await closed(refused);
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  const [first] = sockets;
  first?.write("x".repeat(200_000));
  if (first !== undefined) expect(await closed(first)).toBe("closed");
  const { promise, resolve } = Promise.withResolvers<string>();
  const next = connect(world.path, () => next.write("GET / HTTP/1.1\r\n\r\n"));
  next.setEncoding("utf8").on("data", resolve);
  expect(await promise).toMatch(/^HTTP\/1\.1 200 /);
});

test("who asked for a change, and on which socket, is told; values of tags are not", async () => {
  const audited: AuditEntry[] = [];
  await listen(
    { run: async () => ({ kind: "done", changed: false }) },
    { onAsked: (entry) => void audited.push(entry) },
  );
  await createTagsClient(world.groupSocket).add({ "app:tier": "hunter2" }, never);
  await createTagsClient(world.path).remove([{ key: "Name" }], never);
  await createTagsClient(world.groupSocket).list(never);
  const request = { cause: "manual", dryRun: false, stages: ["health"] } as const;
  await createControlClient(world.path).run(request, 0, () => undefined, never);
  await expect(createControlClient(world.groupSocket).run(request, 0, () => undefined, never)).rejects.toThrow();
  expect(audited).toEqual([
    { socket: "control.sock", request: "POST /v1/tags/add", detail: "app:tier" },
    { socket: "root.sock", request: "POST /v1/tags/remove", detail: "Name" },
    { socket: "root.sock", request: "POST /v1/runs", detail: "manual, health" },
    { socket: "control.sock", request: "POST /v1/runs", refused: true },
  ]);
});
