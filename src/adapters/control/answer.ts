import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { isTransient, reportOf } from "../../domain/errors.ts";
import type { EventListener } from "../../domain/events.ts";
import { longestPauseMs } from "../../domain/pause.ts";
import { stageNames, type RunEnd } from "../../domain/run.ts";
import type { Served } from "../../ports/control.ts";
import { routes, type Line, type Outcome } from "./protocol.ts";

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

const key = z.string().min(1).max(1024);
const value = z.string().max(1024);
// None at all may mean every tag to those who are asked next.
const addBody = z.object({
  tags: z.record(key, value).refine((tags) => Object.keys(tags).length > 0, { error: "at least one tag" }),
});
const patternsBody = z.object({
  tags: z
    .array(z.object({ key, value: value.exactOptional() }))
    .min(1)
    .max(100),
});

/** Whom a socket belongs to: root may ask for everything, the others for what stands below. */
export type Rights = "root" | "group" | "anybody";

/** Where metrics are told over TCP: whoever can reach it may only look. */
const forAnybody: ReadonlySet<string> = new Set([`GET ${routes.health}`, `GET ${routes.metrics}`]);

/** Not the events: what commands print, which may be anything, is among them. */
const forGroup: ReadonlySet<string> = new Set([
  `GET ${routes.status}`,
  `GET ${routes.health}`,
  `GET ${routes.metrics}`,
  `GET ${routes.tags}`,
  `POST ${routes.addTags}`,
  `POST ${routes.removeTags}`,
  `POST ${routes.findTags}`,
]);

/** A page for monitoring. */
export type Page = { readonly contentType: string; text(): Promise<string> };

/** Answers one request; what goes wrong is the client's to hear. */
export async function answer(
  served: Served & { readonly metrics: Page },
  rights: Rights,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const asked = `${request.method} ${request.url}`;
  if (rights === "group" && !forGroup.has(asked)) return sendJson(response, 403, { error: "for root alone" });
  if (rights === "anybody" && !forAnybody.has(asked)) return sendJson(response, 404, { error: "no such route" });
  const tags = rights === "root" ? served.tags : served.openTags;
  try {
    await answerAllowed(asked, { ...served, tags }, request, response, signal);
  } catch (error) {
    refuse(response, error);
  }
}

async function answerAllowed(
  asked: string,
  { agent, pauses, tags, metrics }: Served & { readonly metrics: Page },
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  switch (asked) {
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
    case `POST ${routes.pause}`: {
      const body = pauseBody.parse(await readJson(request));
      return outcome(response, pauses.begin(body));
    }
    case `DELETE ${routes.pause}`:
      return outcome(response, pauses.end());
    case `GET ${routes.tags}`:
      return outcome(response, tags.list(gone(response, signal)));
    case `POST ${routes.addTags}`: {
      const body = addBody.parse(await readJson(request));
      return outcome(response, tags.add(body.tags, signal));
    }
    case `POST ${routes.removeTags}`: {
      const body = patternsBody.parse(await readJson(request));
      return outcome(response, tags.remove(body.tags, signal));
    }
    case `POST ${routes.findTags}`: {
      const body = patternsBody.parse(await readJson(request));
      return outcome(response, tags.find(body.tags, gone(response, signal)));
    }
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

/** An answer that may take a while: the client is told at once that somebody works for it. */
async function outcome(response: ServerResponse, work: Promise<unknown>): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  response.flushHeaders();
  let line: Outcome;
  try {
    line = { value: await work };
  } catch (error) {
    line = { error: { ...reportOf(error), transient: isTransient(error) } };
  }
  response.end(`${JSON.stringify(line)}\n`);
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
