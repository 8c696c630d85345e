import { readFile } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import type { CheckTarget } from "../../../domain/health/check.ts";
import { caBundle } from "../../../domain/settings/paths.ts";
import { formatSize } from "../../../domain/text/units.ts";
import type { Seen } from "./seen.ts";

type HttpTarget = CheckTarget<"http">;

/** The part of a body that is read. */
const maxBody = 1024 * 1024;

/** One request on a connection of its own: no redirects, no proxy, no keep-alive. */
export async function probeHttp(target: HttpTarget, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, signal);
  try {
    const status = response.statusCode ?? 0;
    if (status !== target.status) return { ok: false, seen: `status ${status}${location(response)}` };
    if (target.contains === undefined) return { ok: true, seen: `status ${status}` };
    const body = await readBody(response);
    const ok = body.includes(target.contains);
    const lookedAt = `${body.length > maxBody ? "the first " : ""}${formatSize(Math.min(body.length, maxBody))}`;
    return { ok, seen: ok ? `status ${status} and the text` : `status ${status}, and no such text in ${lookedAt}` };
  } finally {
    response.destroy();
  }
}

async function send(target: HttpTarget, signal: AbortSignal): Promise<IncomingMessage> {
  const url = new URL(target.url);
  const options = {
    method: target.method,
    headers: { "user-agent": "muster", ...target.headers },
    signal,
  } as const;
  const request =
    url.protocol === "https:"
      ? httpsRequest(url, { ...options, agent: false, ...(await trust(url)) })
      : httpRequest(url, { ...options, agent: false });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  // It stays: an error while reading the body arrives here as well.
  request.on("error", reject);
  request.end();
  return promise;
}

/**
 * A name is verified with the machine's own certificate authorities. For an address or localhost no authority signs a
 * certificate: it is not verified, as balancers do not verify it either.
 */
async function trust(url: URL): Promise<{ rejectUnauthorized: boolean; ca?: string }> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 || host === "localhost") return { rejectUnauthorized: false };
  const ca = await readFile(caBundle, "utf8").catch(() => undefined);
  return ca === undefined ? { rejectUnauthorized: true } : { rejectUnauthorized: true, ca };
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBody) break;
  }
  return Buffer.concat(chunks);
}

function location({ headers }: IncomingMessage): string {
  return headers.location === undefined ? "" : ` to ${headers.location.slice(0, 100)}`;
}
