import { z } from "zod";
import { briefStatus } from "../../domain/redact/brief-status.ts";
import { isTransient, reportOf } from "../../domain/errors/errors.ts";
import type { EventListener } from "../../domain/run/events.ts";
import { longestPauseMs } from "../../domain/instance/pause.ts";
import { stageNames, type RunEnd } from "../../domain/run/run.ts";
import type { Served } from "../../ports/control.ts";
import { listed, type AuditEntry } from "./audit.ts";
import { routes, type Line, type Outcome } from "./protocol.ts";
import type { Reply } from "./reply.ts";
import type { Asked } from "./request.ts";

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

const cancelBody = z.object({ by: z.string().max(64) });

const pauseBody = z.object({
  reason: z.string().max(500),
  by: z.string().max(64),
  forMs: z.number().positive().max(longestPauseMs),
});

const key = z.string().min(1).max(1024);
const value = z.string().max(1024);
// An empty list may mean every tag further down.
const addBody = z.object({
  tags: z.record(key, value).refine((tags) => Object.keys(tags).length > 0, { error: "at least one tag" }),
});
const patternsBody = z.object({
  tags: z
    .array(z.object({ key, value: value.exactOptional() }))
    .min(1)
    .max(100),
});

/** The user of a socket: root may request everything, others what stands below. */
export type Rights = "root" | "group" | "anybody";

/** Metrics over TCP: every client that can connect may only read. */
const forAnybody: ReadonlySet<string> = new Set([`GET ${routes.health}`, `GET ${routes.metrics}`]);

/** Without the events: they contain the output of commands, which may be anything. */
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

/** The services behind the server, and the audit. */
type Offered = Served & { readonly metrics: Page; readonly audit: (entry: AuditEntry) => void };

/** Answers one request; errors go to the client. */
export async function answer(
  served: Offered,
  rights: Rights,
  { what, body }: Asked,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  const socket = rights === "root" ? "root.sock" : "control.sock";
  if (rights === "group" && !forGroup.has(what)) {
    served.audit({ socket, request: what, refused: true });
    return reply.sendJson(403, { error: "for root alone" });
  }
  if (rights === "anybody" && !forAnybody.has(what)) return reply.sendJson(404, { error: "no such route" });
  const tags = rights === "root" ? served.tags : served.openTags;
  try {
    await answerAllowed(what, () => JSON.parse(body), rights, { ...served, tags }, reply, signal);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      served.audit({ socket, request: what, refused: true });
    }
    refuse(reply, error);
  }
}

async function answerAllowed(
  what: string,
  bodyOf: () => unknown,
  rights: Rights,
  { agent, pauses, settings, tags, metrics, audit }: Offered,
  reply: Reply,
  signal: AbortSignal,
): Promise<void> {
  const asked = (detail?: string) => {
    audit({
      socket: rights === "root" ? "root.sock" : "control.sock",
      request: what,
      ...(detail === undefined ? {} : { detail }),
    });
  };
  const untilGone = () => AbortSignal.any([signal, reply.gone]);
  switch (what) {
    case `GET ${routes.status}`: {
      const status = await agent.status();
      return reply.sendJson(200, rights === "root" ? status : briefStatus(status));
    }
    case `GET ${routes.settings}`:
      return reply.sendJson(200, await settings());
    case `GET ${routes.health}`: {
      const { state } = await agent.status();
      return reply.send(state === "in-service" ? 200 : 503, "text/plain", `${state}\n`);
    }
    case `GET ${routes.metrics}`:
      return reply.send(200, metrics.contentType, await metrics.text());
    case `GET ${routes.events}`:
      return stream(reply, signal, (onEvent) => agent.follow(onEvent, untilGone()));
    case `POST ${routes.runs}`: {
      const body = runBody.parse(bodyOf());
      asked(
        listed([body.request.cause, ...(body.request.dryRun ? ["a dry run"] : []), ...(body.request.stages ?? [])]),
      );
      return stream(reply, signal, (onEvent) => agent.run(body.request, body.waitMs, onEvent, signal));
    }
    case `POST ${routes.membership}`: {
      const body = membershipBody.parse(bodyOf());
      asked(`${body.request.want}, by ${body.request.by}: ${body.request.reason}`);
      return stream(reply, signal, (onEvent) => agent.membership(body.request, body.waitMs, onEvent, signal));
    }
    case `POST ${routes.cancel}`: {
      const { by } = cancelBody.parse(bodyOf());
      asked(`by ${by}`);
      return stream(reply, signal, (onEvent) => agent.cancel(by, onEvent, signal));
    }
    case `POST ${routes.pause}`: {
      const body = pauseBody.parse(bodyOf());
      asked(`by ${body.by}: ${body.reason}`);
      return outcome(reply, pauses.begin(body));
    }
    case `DELETE ${routes.pause}`:
      asked();
      return outcome(reply, pauses.end());
    case `GET ${routes.tags}`:
      return outcome(reply, tags.list(untilGone()));
    case `POST ${routes.addTags}`: {
      const body = addBody.parse(bodyOf());
      asked(listed(Object.keys(body.tags)));
      return outcome(reply, tags.add(body.tags, signal));
    }
    case `POST ${routes.removeTags}`: {
      const body = patternsBody.parse(bodyOf());
      asked(listed(body.tags.map(({ key: one }) => one)));
      return outcome(reply, tags.remove(body.tags, signal));
    }
    case `POST ${routes.findTags}`: {
      const body = patternsBody.parse(bodyOf());
      return outcome(reply, tags.find(body.tags, untilGone()));
    }
    default:
      return reply.sendJson(404, { error: "no such route" });
  }
}

/** Streams events as they come, then the outcome. A client that has gone is not waited for and stops nothing. */
async function stream(
  reply: Reply,
  signal: AbortSignal,
  work: (onEvent: EventListener) => Promise<RunEnd | void>,
): Promise<void> {
  reply.begin("application/x-ndjson");
  const send = (line: Line): void => reply.write(`${JSON.stringify(line)}\n`);
  try {
    const end = await work((event) => send({ event }));
    if (end !== undefined) send({ end });
  } catch (error) {
    // The daemon ends and its work stays: the stream ends without an outcome.
    if (signal.aborted) return reply.drop();
    send({ error: { ...reportOf(error), transient: isTransient(error) } });
  }
  reply.end();
}

/** A slow answer: the client is told at once that the daemon works on it. */
async function outcome(reply: Reply, work: Promise<unknown>): Promise<void> {
  reply.begin("application/json");
  let line: Outcome;
  try {
    line = { value: await work };
  } catch (error) {
    line = { error: { ...reportOf(error), transient: isTransient(error) } };
  }
  reply.write(`${JSON.stringify(line)}\n`);
  reply.end();
}

function refuse(reply: Reply, error: unknown): void {
  if (reply.begun) reply.drop();
  else reply.sendJson(400, { error: reportOf(error) });
}
