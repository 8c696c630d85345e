import { request as httpRequest, type IncomingMessage } from "node:http";
import { MusterError } from "../../domain/errors.ts";
import type { EventListener } from "../../domain/events.ts";
import type { Pause, PauseRequest } from "../../domain/pause.ts";
import type { RunEnd } from "../../domain/run.ts";
import type { StatusReport } from "../../domain/status.ts";
import type { Agent } from "../../ports/agent.ts";
import type { Pauses } from "../../ports/pauses.ts";
import { routes, type Line } from "./protocol.ts";

/** How long the daemon may take to take a connection, in milliseconds. */
const connectMs = 5_000;

/** The daemon behind the socket, as an agent. Every call throws `daemon-unreachable` when nobody listens. */
export function createControlClient(path: string): Agent {
  return {
    async status() {
      const response = await call(path, "GET", routes.status, undefined);
      return readJson<StatusReport>(response);
    },
    async run(request, waitMs, onEvent, signal) {
      const response = await call(path, "POST", routes.runs, { request, waitMs });
      return outcome(await follow(response, onEvent, signal), signal);
    },
    async membership(request, waitMs, onEvent, signal) {
      const response = await call(path, "POST", routes.membership, { request, waitMs });
      return outcome(await follow(response, onEvent, signal), signal);
    },
    async follow(onEvent, signal) {
      await follow(await call(path, "GET", routes.events, undefined), onEvent, signal);
    },
  };
}

/** The pauses of the daemon behind the socket. Every call throws `daemon-unreachable` when nobody listens. */
export function createPausesClient(path: string): Pauses {
  async function ask(method: string, body?: PauseRequest): Promise<Pause | undefined> {
    const response = await call(path, method, routes.pause, body);
    return (await readJson<{ pause?: Pause }>(response)).pause;
  }
  return {
    async begin(request) {
      const pause = await ask("POST", request);
      if (pause === undefined) throw new Error("the daemon begun a pause and tells of none");
      return pause;
    },
    end: () => ask("DELETE"),
  };
}

async function readJson<T>(response: IncomingMessage): Promise<T> {
  try {
    const chunks: string[] = [];
    for await (const chunk of response.setEncoding("utf8")) chunks.push(String(chunk));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own daemon says it of itself
    return JSON.parse(chunks.join("")) as T;
  } catch (error) {
    throw lost(error);
  }
}

function call(path: string, method: string, route: string, body: unknown): Promise<IncomingMessage> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath: path, method, path: route, headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error("no answer in time")), connectMs);
    request.once("response", (response) => {
      clearTimeout(timer);
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(refused(response.statusCode));
    });
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(isNobodyThere(error) ? unreachable(path, error) : silent(path, error));
    });
    request.end(text);
  });
}

/** Reads lines until the outcome; undefined when the stream ended or `signal` aborted without one. */
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

function unreachable(path: string, error: Error): MusterError {
  return new MusterError({
    code: "daemon-unreachable",
    message: `Nobody answers on ${path}: ${error.message}`,
    hint: "Start the daemon with: systemctl start muster",
    cause: error,
    transient: true,
  });
}

/** Nobody listens, as opposed to somebody who does not answer: only then may another process do the work. */
function isNobodyThere(error: Error): boolean {
  return "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED");
}

function silent(path: string, error: Error): MusterError {
  return new MusterError({
    code: "daemon-silent",
    message: `The daemon does not answer on ${path}: ${error.message}`,
    hint: "Run it as root; look at the daemon with: systemctl status muster",
    cause: error,
    transient: true,
  });
}

function refused(status: number | undefined): MusterError {
  return new MusterError({
    code: "control-refused",
    message: `The daemon refused the request (HTTP ${status ?? "without a status"})`,
    hint: "The daemon may be of another version than this command: systemctl restart muster",
  });
}

function lost(cause: unknown): MusterError {
  return new MusterError({
    code: "daemon-lost",
    message: "The daemon went away while it was working; its run goes on when it is started again",
    hint: "Look at it with: muster status, journalctl -u muster",
    cause,
    transient: true,
  });
}
