import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { parseProxy, type Proxy } from "../../domain/settings/proxy.ts";
import { codeLine, statusLine, tunnelVariable } from "./tunnel-words.ts";

/** A proxy that does not answer. */
const connectMs = 20_000;

/**
 * Connects standard input and output with a server behind an HTTP proxy (CONNECT, RFC 9110, section 9.3.6), until one side
 * ends: what ssh runs as its ProxyCommand.
 * @param env the proxy is in {@link tunnelVariable}
 * @returns the exit status; the cause of a failure is printed in the form of tunnel-words.ts
 */
export async function tunnel(
  [host, port]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const proxy = parseProxy(env[tunnelVariable] ?? "", tunnelVariable);
  if (proxy === undefined || host === undefined || port === undefined) return 2;
  try {
    const answer = await connect(proxy, `${host.includes(":") ? `[${host}]` : host}:${port}`);
    if (typeof answer === "number") {
      process.stderr.write(statusLine(answer));
      return 1;
    }
    await Promise.all([pipeline(process.stdin, answer), pipeline(answer, process.stdout)]);
    return 0;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "ERR_PROXY_TUNNEL";
    process.stderr.write(codeLine(code));
    return 1;
  }
}

/** The connection, or the status with which the proxy refuses. */
function connect(proxy: Proxy, target: string): Promise<Socket | number> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket | number>();
  const { host, port, scheme, credentials } = proxy;
  const basic = `Basic ${Buffer.from(credentials ?? "").toString("base64")}`;
  const headers = { host: target, ...(credentials === undefined ? {} : { "proxy-authorization": basic }) };
  const ask = scheme === "https" ? httpsRequest : httpRequest;
  const request = ask({ host, port, method: "CONNECT", path: target, headers, agent: false, timeout: connectMs });
  request.once("connect", (response, socket, head) => {
    if (response.statusCode !== 200) return resolve(response.statusCode ?? 0);
    socket.setTimeout(0);
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  request.once("response", ({ statusCode = 0 }) => resolve(statusCode));
  request.once("timeout", () => request.destroy(new Error("the proxy does not answer")));
  request.once("error", reject);
  request.end();
  return promise;
}
