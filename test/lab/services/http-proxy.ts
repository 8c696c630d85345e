import { connect, createServer, type Socket } from "node:net";

import { listen } from "./network.ts";

/** An HTTP proxy: CONNECT, and requests in absolute form (RFC 9110, section 9.3.6, and RFC 9112, section 3.2.2). */
export interface HttpProxy {
  /** `http://ADDRESS:PORT`, without the user and password that it asks for. */
  readonly url: string;
  readonly port: number;
  /** As `CONNECT ec2.example:443` or `GET http://deb.example/`, those that it refused too, in order. */
  readonly requests: string[];
  /** All requests are answered with this status instead. */
  refuseWith: number | undefined;
  close(): Promise<void>;
}

export interface HttpProxyOptions {
  readonly address?: string;
  /** Any free one, if not said. */
  readonly port?: number;
  /** `USER:PASSWORD` that it asks for (Basic); without it everybody is served. */
  readonly credentials?: string;
  /** Where a server really is; its own name, if not said. */
  readonly route?: (host: string, port: number) => { readonly host: string; readonly port: number };
}

const maxHead = 64 * 1024;

export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const { address = "127.0.0.1", credentials, route = (host, port) => ({ host, port }) } = options;
  const requests: string[] = [];

  function serve(client: Socket, head: string, rest: Buffer): void {
    const [first = "", ...headers] = head.split("\r\n");
    const [method = "", target = ""] = first.split(" ");
    requests.push(`${method} ${target}`);
    const status = proxy.refuseWith ?? (isAllowed(headers) ? undefined : 407);
    if (status !== undefined) return refuse(client, status);
    const url = new URL(method === "CONNECT" ? `http://${target}` : target);
    const { host, port } = route(url.hostname.replaceAll(/^\[|\]$/g, ""), Number(url.port) || 80);
    const server = connect(port, host, () => {
      if (method === "CONNECT") client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      else server.write(inOriginForm(method, url, headers));
      server.write(rest);
      client.pipe(server).pipe(client);
    });
    let reached = false;
    server.once("connect", () => (reached = true));
    server.once("error", () => (reached ? client.destroy() : refuse(client, 502)));
    client.once("close", () => server.destroy());
  }

  function isAllowed(headers: readonly string[]): boolean {
    if (credentials === undefined) return true;
    const [, given = ""] = headers.map((line) => /^proxy-authorization: *basic +(\S+)/i.exec(line)).find(Boolean) ?? [];
    return Buffer.from(given, "base64").toString() === credentials;
  }

  const server = createServer((client) => {
    let head = Buffer.alloc(0);
    client.on("data", function read(chunk: Buffer) {
      head = Buffer.concat([head, chunk]);
      // As squid does with the beginning of TLS.
      if (!/^[A-Z]/.test(head.subarray(0, 1).toString("latin1"))) return refuse(client, 400);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0 && head.length < maxHead) return;
      client.off("data", read);
      serve(client, head.subarray(0, end).toString("latin1"), head.subarray(end + 4));
    });
  });
  const listener = await listen(server, address, options.port ?? 0);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : 0;
  const proxy: HttpProxy = {
    ...{ url: `http://${address}:${port}`, port, requests, refuseWith: undefined },
    close: () => listener.close(),
  };
  return proxy;
}

/** For the server, which ends the connection after its answer: the next request comes with another head. */
function inOriginForm(method: string, url: URL, headers: readonly string[]): string {
  const kept = headers.filter((line) => !/^(proxy-[\w-]+|connection):/i.test(line));
  return [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...kept, "Connection: close", "", ""].join("\r\n");
}

function refuse(client: Socket, status: number): void {
  const asking = status === 407 ? 'Proxy-Authenticate: Basic realm="lab"\r\n' : "";
  client.end(`HTTP/1.1 ${status} Refused\r\n${asking}Content-Length: 0\r\nConnection: close\r\n\r\n`);
}
