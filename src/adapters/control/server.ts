import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { z } from "zod";
import { isTransient, MusterError, reportOf } from "../../domain/errors.ts";
import type { EventListener } from "../../domain/events.ts";
import { longestPauseMs } from "../../domain/pause.ts";
import { stageNames, type RunEnd } from "../../domain/run.ts";
import type { ControlServer, Served } from "../../ports/control.ts";
import { routes, type Line } from "./protocol.ts";

const maxBody = 64 * 1024;

/** How much may wait for a client that does not read, in bytes. */
const maxBacklog = 8 * 1024 * 1024;

const runBody = z.object({
  request: z.object({
    cause: z.enum(["manual", "schedule"]),
    stages: z.array(z.enum(stageNames)).exactOptional(),
    dryRun: z.boolean(),
    ref: z.string().exactOptional(),
    role: z.string().exactOptional(),
    noReboot: z.boolean().exactOptional(),
  }),
  waitMs: z.number().nonnegative(),
});

const membershipBody = z.object({
  request: z.object({
    want: z.enum(["in", "out"]),
    by: z.enum(["operator", "shutdown"]),
    reason: z.string().max(500),
  }),
  waitMs: z.number().nonnegative(),
});

const pauseBody = z.object({
  reason: z.string().max(500),
  by: z.string().max(64),
  forMs: z.number().positive().max(longestPauseMs),
});

/** A page for monitoring. */
export type Page = { readonly contentType: string; text(): Promise<string> };

/** The daemon's side of the control socket: a Unix socket that root alone may use. */
export function createControlServer(path: string, metrics: Page): ControlServer {
  return {
    async listen(served, signal) {
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      // The lock is held: a socket that is there belongs to a daemon that died.
      await rm(path, { force: true });
      const server = createServer((request, response) => {
        answer({ ...served, metrics }, request, response, signal).catch((error: unknown) => refuse(response, error));
      });
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error) => reject(cannotListen(path, error)));
        server.listen(path, resolve);
      });
      await chmod(path, 0o600);
      return {
        async close() {
          server.closeAllConnections();
          await new Promise<void>((resolve) => {
            server.close(() => resolve());
          });
          await rm(path, { force: true });
        },
      };
    },
  };
}

async function answer(
  { agent, pauses, metrics }: Served & { readonly metrics: Page },
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case `GET ${routes.status}`:
      return sendJson(response, 200, await agent.status());
    case `GET ${routes.health}`: {
      const { state } = await agent.status();
      return send(response, state === "in-service" ? 200 : 503, "text/plain", `${state}\n`);
    }
    case `GET ${routes.metrics}`:
      return send(response, 200, metrics.contentType, await metrics.text());
    case `GET ${routes.events}`:
      return stream(response, signal, (onEvent) => agent.follow(onEvent, gone(response, signal)));
    case `POST ${routes.runs}`: {
      const body = runBody.parse(await readJson(request));
      return stream(response, signal, (onEvent) => agent.run(body.request, body.waitMs, onEvent, signal));
    }
    case `POST ${routes.membership}`: {
      const body = membershipBody.parse(await readJson(request));
      return stream(response, signal, (onEvent) => agent.membership(body.request, body.waitMs, onEvent, signal));
    }
    case `POST ${routes.pause}`:
      return sendJson(response, 200, { pause: await pauses.begin(pauseBody.parse(await readJson(request))) });
    case `DELETE ${routes.pause}`:
      return sendJson(response, 200, { pause: await pauses.end() });
    default:
      return sendJson(response, 404, { error: "no such route" });
  }
}

/** Streams events as they come, then how it ended. A client that is gone is not waited for and stops nothing. */
async function stream(
  response: ServerResponse,
  signal: AbortSignal,
  work: (onEvent: EventListener) => Promise<RunEnd | void>,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  response.flushHeaders();
  function send(line: Line): void {
    if (response.destroyed) return;
    // A client that was stopped reads nothing: what it would have read must not pile up here.
    if (response.writableLength > maxBacklog) response.destroy();
    else response.write(`${JSON.stringify(line)}\n`);
  }
  try {
    const end = await work((event) => send({ event }));
    if (end !== undefined) send({ end });
  } catch (error) {
    // The daemon ends and its work stays: the client is told so by the end of the stream.
    if (signal.aborted) return void response.destroy();
    send({ error: { ...reportOf(error), transient: isTransient(error) } });
  }
  response.end();
}

/** Aborts when the client is gone or the daemon ends. */
function gone(response: ServerResponse, signal: AbortSignal): AbortSignal {
  const closed = new AbortController();
  response.once("close", () => closed.abort());
  return AbortSignal.any([signal, closed.signal]);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > maxBody) throw new Error("the request is too large");
  }
  return JSON.parse(text);
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, "application/json", `${JSON.stringify(body)}\n`);
}

function send(response: ServerResponse, status: number, contentType: string, text: string): void {
  response.writeHead(status, { "content-type": contentType });
  response.end(text);
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, 400, { error: reportOf(error) });
}

function cannotListen(path: string, error: Error): MusterError {
  return new MusterError({
    code: "control-failed",
    message: `Cannot listen on ${path}: ${error.message}`,
    hint: "Check that muster runs as root and that /run is writable.",
    cause: error,
  });
}
