// Stands between AWS clients and moto: one endpoint for all services, which asks its handlers first.
import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";

import { listen } from "../services/network.ts";
import { failure } from "./answers.ts";
import { createFaults, type Faults } from "./faults.ts";
import type { Answer, AwsRequest, Handler } from "./handler.ts";
import { readRequest } from "./request.ts";

/** One request that came in, as tests count them. */
export interface Call {
  /** As in an IAM policy: `ec2:DescribeTags`. */
  readonly operation: string;
  readonly at: Date;
  readonly sourceAddress: string;
  /** Of the answer; 0 where the connection got none. */
  readonly status: number;
}

export interface Front {
  /** `http://ADDRESS:PORT`, for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly faults: Faults;
  /** Every request so far, in the order of their answers; of one client, or all. */
  calls(filter?: { sourceAddress?: string; operation?: string }): readonly Call[];
  forgetCalls(): void;
  stop(): Promise<void>;
}

export interface FrontOptions {
  address: string;
  port: number;
  /** Where requests go that no handler keeps: moto's `http://ADDRESS:PORT`. */
  upstream: string;
  /** Asked in this order. */
  handlers: readonly Handler[];
  /** The longest that moto may take, in milliseconds; 20,000 if not said. */
  upstreamMs?: number;
}

export async function startFront(options: FrontOptions): Promise<Front> {
  const { address, port, upstream, handlers, upstreamMs = 20_000 } = options;
  const faults = createFaults();
  let log: Call[] = [];

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const answer = await faults.around(request, () => pass(request, handlers));
    const operation = `${request.service}:${request.action}`;
    const status = typeof answer === "string" ? 0 : answer.status;
    log.push({ operation, at: new Date(), sourceAddress: request.sourceAddress, status });
    if (answer === "reset") incoming.socket.resetAndDestroy();
    // A black hole lasts until the client gives up; the listener ends what is left of it.
    else if (answer !== "silence") send(response, answer);
  }

  /** The first handler that matches, with the rest of the list behind it. */
  async function pass(request: AwsRequest, [handler, ...rest]: readonly Handler[]): Promise<Answer> {
    if (handler === undefined) return askUpstream(request, upstream, upstreamMs);
    if (!handler.match(request)) return pass(request, rest);
    try {
      return await handler.handle(request, (instead = {}) => pass({ ...request, ...instead }, rest));
    } catch (error) {
      // A bug of the lab has to be seen as one, in the client's own error message.
      return failure(request, { status: 500, code: "LabBug", message: `${handler.name}: ${String(error)}` });
    }
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 502;
      response.end(`the front: ${String(error)}\n`);
    });
  });
  const listener = await listen(server, address, port);

  return {
    endpoint: `http://${address}:${port}`,
    faults,
    calls: ({ sourceAddress, operation } = {}) =>
      log.filter(
        (call) =>
          (sourceAddress === undefined || call.sourceAddress === sourceAddress) &&
          (operation === undefined || call.operation === operation),
      ),
    forgetCalls: () => void (log = []),
    async stop() {
      await listener.close();
      for (const handler of handlers) await handler.close?.();
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** By node:http and not fetch: the Host header is signed, and has to arrive as it was sent. */
function askUpstream(request: AwsRequest, upstream: string, timeout: number): Promise<Answer> {
  const { method, url, headers, body } = request;
  const { hostname, port } = new URL(upstream);
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      hostname,
      port,
      method,
      path: url,
      headers: { ...headers, connection: "close", "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(timeout),
    });
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("error", reject);
      incoming.on("end", () => resolve(answerOf(incoming, text)));
    });
    outgoing.end(body);
  });
}

/** Which headers of the hop from moto are not the client's business. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

function answerOf({ statusCode = 502, headers }: IncomingMessage, body: string): Answer {
  const kept = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === "string" && !hopByHop.has(name) ? [[name, value] as const] : [],
  );
  return { status: statusCode, headers: Object.fromEntries(kept), body };
}
