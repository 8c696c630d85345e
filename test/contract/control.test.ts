import { get as httpGet, type IncomingMessage } from "node:http";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createControlClient, createPausesClient } from "../../src/adapters/control/client.ts";
import { MusterError } from "../../src/domain/errors/errors.ts";
import type { EventListener, RunEvent } from "../../src/domain/run/events.ts";
import type { InstanceState } from "../../src/domain/instance/state.ts";
import { detached } from "../../src/ports/unit-runner.ts";
import { initialStatus } from "../../src/run/state/status.ts";
import { at, listen, metrics, never, serve, world } from "./control.world.ts";

const request = { cause: "manual", dryRun: false, stages: ["health"] } as const;

function progress(text: string): RunEvent {
  return { type: "stage-progress", stage: "health", text, waiting: true, at, run: "0001-abcd" };
}

function collect(): { texts: string[]; onEvent: EventListener } {
  const texts: string[] = [];
  return { texts, onEvent: (event) => void (event.type === "stage-progress" && texts.push(event.text)) };
}

test("a request arrives as it was made, its events come as they happen, its end last", async () => {
  const asked: unknown[] = [];
  const client = await serve({
    async run(...[given, waitMs, onEvent]) {
      asked.push(given, waitMs);
      for (let index = 0; index < 1000; index += 1) onEvent(progress(`${index}`));
      return { kind: "in-service", changed: true };
    },
  });
  const { texts, onEvent } = collect();
  expect(await client.run(request, 1234, onEvent, never)).toEqual({ kind: "in-service", changed: true });
  expect(asked).toEqual([request, 1234]);
  expect(texts).toEqual(Array.from({ length: 1000 }, (_, index) => `${index}`));
});

test("events come before the end, not with it", async () => {
  const gate = Promise.withResolvers<void>();
  const client = await serve({
    async run(_request, _waitMs, onEvent) {
      onEvent(progress("first"));
      await gate.promise;
      return { kind: "done", changed: false };
    },
  });
  const first = Promise.withResolvers<void>();
  const ended = client.run(request, 0, () => first.resolve(), never);
  await first.promise;
  gate.resolve();
  expect(await ended).toEqual({ kind: "done", changed: false });
});

test("an error keeps code, message, hint and whether it passes", async () => {
  const details = { code: "lock-held", message: "busy", hint: "wait", transient: true } as const;
  const client = await serve({ run: async () => await Promise.reject(new MusterError(details)) });
  await expect(client.run(request, 0, () => undefined, never)).rejects.toMatchObject(details);
});

test("a client that goes away stops nothing", async () => {
  const gate = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<boolean>();
  const client = await serve({
    async run(_request, _waitMs, onEvent, signal) {
      onEvent(progress("begun"));
      await gate.promise;
      onEvent(progress("nobody hears this"));
      outcome.resolve(signal.aborted);
      return { kind: "done", changed: false };
    },
  });
  const detach = new AbortController();
  const ended = client.run(request, 0, () => detach.abort(new Error("detached")), detach.signal);
  await expect(ended).rejects.toThrow("detached");
  gate.resolve();
  expect(await outcome.promise).toBe(false);
});

test("following ends with the follower, and the daemon knows", async () => {
  const over = Promise.withResolvers<void>();
  const client = await serve({
    async follow(onEvent, signal) {
      onEvent(progress("now"));
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      over.resolve();
    },
  });
  const stop = new AbortController();
  await client.follow(() => stop.abort(), stop.signal);
  await over.promise;
});

test("the status comes whole", async () => {
  const status = { ...initialStatus("boot-a", at), reason: "größe 漢字" };
  const client = await serve({ status: async () => status });
  expect(await client.status()).toEqual(status);
});

test("a daemon that ends while it works is said to be gone", async () => {
  const server = await listen({
    async run(_request, _waitMs, onEvent) {
      onEvent(progress("begun"));
      return await new Promise(() => undefined);
    },
  });
  const begun = Promise.withResolvers<void>();
  const ended = createControlClient(world.path).run(request, 0, () => begun.resolve(), never);
  const settled = expect(ended).rejects.toMatchObject({ code: "daemon-lost" });
  await begun.promise;
  await server.close();
  await settled;
});

test("nobody there is an error with a remedy", async () => {
  await expect(createControlClient(world.path).status()).rejects.toMatchObject({ code: "daemon-unreachable" });
});

test("a request that is none is refused", async () => {
  const client = await serve({});
  const bad = client.run({ cause: "boot", dryRun: false }, 0, () => undefined, never);
  await expect(bad).rejects.toMatchObject({ code: "control-refused" });
});

test("whoever waits for work that the daemon's end leaves behind is told that, not of a bug", async () => {
  const end = new AbortController();
  const client = await serve(
    {
      async run(_request, _waitMs, onEvent, signal) {
        onEvent(progress("begun"));
        return await new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(new Error("detached")), { once: true });
        });
      },
    },
    { signal: end.signal },
  );
  const ended = client.run(request, 0, () => end.abort(detached), never);
  await expect(ended).rejects.toMatchObject({ code: "daemon-lost" });
});

test("a client that reads nothing is let go: its backlog does not grow", async () => {
  const over = Promise.withResolvers<number>();
  await serve({
    async run(_request, _waitMs, onEvent) {
      const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
      const text = "x".repeat(1024);
      for (let batch = 0; batch < 100; batch += 1) {
        for (let index = 0; index < 1024; index += 1) onEvent(progress(text));
        await new Promise((resolve) => setImmediate(resolve));
      }
      over.resolve(process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed - before);
      return { kind: "done", changed: false };
    },
  });
  const body = JSON.stringify({ request, waitMs: 0 });
  const socket = connect(world.path);
  socket.on("error", () => undefined);
  socket.write(`POST /v1/runs HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  socket.pause();
  expect(await over.promise).toBeLessThan(64 * 1024 * 1024);
  socket.destroy();
});

test("a daemon that takes the connection and says nothing is not taken for absent", async () => {
  const mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(world.path, resolve));
  try {
    await expect(createControlClient(world.path).status()).rejects.toMatchObject({ code: "daemon-silent" });
  } finally {
    mute.close();
  }
});

test("a status that breaks off is a daemon that went away", async () => {
  const broken = createServer((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"version":1,');
  });
  await new Promise<void>((resolve) => broken.listen(world.path, resolve));
  try {
    await expect(createControlClient(world.path).status()).rejects.toMatchObject({ code: "daemon-lost" });
  } finally {
    broken.close();
  }
});

test("a pause is asked for, told of, and ended", async () => {
  const asked: unknown[] = [];
  const pause = { reason: "größe", by: "root", since: at, until: at };
  await serve(
    {},
    {
      pauses: {
        begin: async (request) => (asked.push(request), pause),
        end: async () => (asked.push("end"), asked.length === 2 ? pause : undefined),
      },
    },
  );
  const client = createPausesClient(world.path);
  const request = { reason: "größe", by: "root", forMs: 60_000 };
  expect(await client.begin(request)).toEqual(pause);
  expect(await client.end()).toEqual(pause);
  expect(await client.end()).toBeUndefined();
  expect(asked).toEqual([request, "end", "end"]);
});

test.for([0, -1, 24 * 3_600_000 + 1])("a pause of %d ms reaches nobody", async (forMs) => {
  await serve({});
  const refused = createPausesClient(world.path).begin({ reason: "x", by: "root", forMs });
  await expect(refused).rejects.toMatchObject({ code: "control-refused" });
});

test("monitoring reads metrics, and health that is good in service alone", async () => {
  let state: InstanceState = "starting";
  await serve({ status: async () => ({ ...initialStatus("boot-a", at), state }) });
  expect(await get("/metrics")).toEqual({ status: 200, type: metrics.contentType, text: "muster_in_service 1\n" });
  expect(await get("/healthz")).toMatchObject({ status: 503, text: "starting\n" });
  state = "in-service";
  expect(await get("/healthz")).toMatchObject({ status: 200, text: "in-service\n" });
});

async function get(url: string) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  httpGet({ socketPath: world.path, path: url }, resolve).on("error", reject);
  const response = await promise;
  return { status: response.statusCode, type: response.headers["content-type"], text: await text(response) };
}
