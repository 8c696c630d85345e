import type { IncomingMessage } from "node:http";
import { MusterError } from "../../domain/errors/errors.ts";
import type { EventListener } from "../../domain/run/events.ts";
import type { RunEnd } from "../../domain/run/run.ts";
import type { StatusReport } from "../../domain/instance/status.ts";
import type { SettingsInForce } from "../../domain/settings/settings-edits.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Pauses } from "../../ports/pauses.ts";
import type { TagStore } from "../../ports/tag-store.ts";
import { ask, askAtOnce, call, lost } from "./call.ts";
import { routes, type Line } from "./protocol.ts";

/** The daemon behind the socket, as an agent. Every call throws `daemon-unreachable` if no daemon listens. */
export function createControlClient(path: string): Agent {
  return {
    status: () => askAtOnce<StatusReport>(path, routes.status),
    async run(request, waitMs, onEvent, signal) {
      const response = await call(path, "POST", routes.runs, { request, waitMs });
      return outcome(await follow(response, onEvent, signal), signal);
    },
    async membership(request, waitMs, onEvent, signal) {
      const response = await call(path, "POST", routes.membership, { request, waitMs });
      return outcome(await follow(response, onEvent, signal), signal);
    },
    async cancel(by, onEvent, signal) {
      return outcome(await follow(await call(path, "POST", routes.cancel, { by }), onEvent, signal), signal);
    },
    async follow(onEvent, signal) {
      await follow(await call(path, "GET", routes.events, undefined), onEvent, signal);
    },
  };
}

/**
 * The settings that the daemon behind the socket works with. For root.
 * @throws MusterError `daemon-unreachable`; `control-refused` if it is of a version that does not tell them
 */
export function settingsInForce(path: string): Promise<SettingsInForce> {
  return askAtOnce<SettingsInForce>(path, routes.settings);
}

/** The pauses of the daemon behind the socket. Every call throws `daemon-unreachable` if no daemon listens. */
export function createPausesClient(path: string): Pauses {
  return {
    begin: (request) => ask(path, "POST", routes.pause, request),
    end: () => ask(path, "DELETE", routes.pause, undefined),
  };
}

/** The tags, as far as the daemon behind the socket lets its users change them. */
export function createTagsClient(path: string): TagStore {
  return {
    list: (signal) => ask(path, "GET", routes.tags, undefined, signal),
    add: (tags, signal) => ask(path, "POST", routes.addTags, { tags }, signal),
    remove: (tags, signal) => ask(path, "POST", routes.removeTags, { tags }, signal),
    find: (tags, signal) => ask(path, "POST", routes.findTags, { tags }, signal),
  };
}

/** Reads lines until the outcome; undefined if the stream ended or `signal` aborted without one. */
async function follow(
  response: IncomingMessage,
  onEvent: EventListener,
  signal: AbortSignal,
): Promise<Exclude<Line, { event: unknown }> | undefined> {
  function detach(): void {
    response.destroy();
  }
  signal.addEventListener("abort", detach, { once: true });
  try {
    for await (const line of linesOf(response)) {
      if (!("event" in line)) return line;
      onEvent(line.event);
    }
    return undefined;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw lost(error);
  } finally {
    signal.removeEventListener("abort", detach);
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<Line> {
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const parts = (rest + String(chunk)).split("\n");
    rest = parts.pop() ?? "";
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the other side is our own daemon
    for (const part of parts) yield JSON.parse(part) as Line;
  }
}

function outcome(line: Exclude<Line, { event: unknown }> | undefined, signal: AbortSignal): RunEnd {
  // The caller detached: the work goes on without it.
  signal.throwIfAborted();
  if (line === undefined) throw lost(undefined);
  if ("error" in line) throw new MusterError(line.error);
  return line.end;
}
