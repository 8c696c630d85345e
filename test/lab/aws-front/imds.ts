// The instance metadata service, version 2 only (`HttpTokens=required`), which tells instances apart by their address.
// Source: "Use the Instance Metadata Service to access instance metadata" in the Amazon EC2 User Guide.
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import type { EmulatedInstance, Fleet } from "./fleet.ts";
import type { MetadataRequest } from "./metadata-service.ts";
import { pagesOf, read, type Sources } from "./metadata-pages.ts";

interface Token {
  readonly instance: string;
  readonly until: number;
}

type Reply = { status: number; text?: string; headers?: Record<string, string> };

const tokenHeader = "x-aws-ec2-metadata-token";
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";
const maxSeconds = 21_600;

/** A server that listens nowhere yet. Every request is reported to `onRequest` as `GET meta-data/instance-id`. */
export function createImdsServer(
  fleet: Fleet,
  sources: Sources,
  onRequest: (request: MetadataRequest) => void,
): Server {
  const tokens = new Map<string, Token>();

  async function reply(incoming: IncomingMessage, instance: EmulatedInstance, path: string): Promise<Reply> {
    const { method, headers } = incoming;
    if (path === "api/token") return method === "PUT" ? issue(incoming, instance) : { status: 405 };
    if (method !== "GET" && method !== "HEAD") return { status: 405 };
    if (instance.metadata.token === "forbidden") return { status: 403 };
    const token = tokens.get(String(headers[tokenHeader]));
    if (token?.instance !== instance.id || token.until < Date.now()) return { status: 401 };
    const text = read(await pagesOf(instance, path, sources), path);
    return text === undefined ? { status: 404 } : { status: 200, text };
  }

  function issue({ headers }: IncomingMessage, { id, metadata }: EmulatedInstance): Reply {
    // A request that came through a proxy is none of the instance's own.
    if (metadata.token === "forbidden" || headers["x-forwarded-for"] !== undefined) return { status: 403 };
    if (metadata.token === "busy") return { status: 503 };
    const seconds = Number(headers[ttlHeader]);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > maxSeconds) return { status: 400 };
    const text = randomBytes(40).toString("base64");
    tokens.set(text, { instance: id, until: Date.now() + seconds * 1_000 });
    return { status: 200, text, headers: { [ttlHeader]: String(seconds) } };
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, path] = /^\/(?:latest|\d{4}-\d\d-\d\d)\/(.*)$/.exec(decodeURIComponent(incoming.url ?? "")) ?? [];
    const instance = fleet.byAddress((incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, ""));
    const answer =
      instance === undefined || path === undefined ? { status: 404 } : await reply(incoming, instance, path);
    const request = `${incoming.method} ${path}`;
    onRequest({ instance: instance?.id ?? "", request, status: answer.status, at: new Date() });
    response.writeHead(answer.status, { "content-type": "text/plain", server: "EC2ws", ...answer.headers });
    response.end(answer.text ?? "");
  }

  return createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 500;
      response.end(`the lab's IMDS: ${String(error)}\n`);
    });
  });
}
