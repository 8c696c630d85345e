import { request as httpRequest } from "node:http";
import { MusterError } from "../../domain/errors/errors.ts";
import { said } from "../../domain/settings/environment-values.ts";
import type { Clock } from "../../ports/clock.ts";
import { noConnection } from "./no-connection.ts";

/**
 * The instance metadata service, version 2 only. Facts: docs.aws.amazon.com, "Use the Instance Metadata Service"; a
 * token call may answer 503 on a busy host (retried), 403 means that the service is switched off for this instance (not
 * retried).
 */
export interface Imds {
  /** The text below `/latest/`, as `meta-data/instance-id`; undefined for 404. */
  get(path: string, signal: AbortSignal): Promise<string | undefined>;
}

export type ImdsDeps = {
  /** Without a path, as `imdsEndpointOf` tells it. */
  readonly endpoint: string;
  readonly clock: Pick<Clock, "monotonicMs">;
};

/** The addresses of the service (EC2 User Guide, "Access instance metadata"); the second has to be enabled. */
const endpoints = { ipv4: "http://169.254.169.254", ipv6: "http://[fd00:ec2::254]" };

/**
 * Where the service is. The SDK reads the same variables, so that an emulator can take its place, or an instance without
 * IPv4 can ask by IPv6 (AWS SDKs Reference Guide, "IMDS client"): an endpoint counts before a mode.
 */
export function imdsEndpointOf(env: Readonly<Record<string, string | undefined>>): string {
  const byIpv6 = said(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.toLowerCase() === "ipv6";
  return said(env, "AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? (byIpv6 ? endpoints.ipv6 : endpoints.ipv4);
}

const tokenSeconds = 21_600;
/** A link-local answer takes milliseconds; more on a busy host. */
const requestMs = 2_000;
const maxCharacters = 256 * 1024;

export function createImds(deps: ImdsDeps): Imds {
  const { clock } = deps;
  const endpoint = deps.endpoint.replace(/(?<!\/)\/+$/, "");
  let token: { readonly value: string; readonly untilMs: number } | undefined;
  let fetching: { readonly work: Promise<void>; readonly signal: AbortSignal } | undefined;

  async function fetchToken(signal: AbortSignal): Promise<void> {
    const begun = clock.monotonicMs();
    const headers = { "X-aws-ec2-metadata-token-ttl-seconds": String(tokenSeconds) };
    const response = await ask(`${endpoint}/latest/api/token`, { method: "PUT", headers }, signal);
    if (response.status !== 200) throw refused("a token", response.status);
    // Renewed a little early, so that no token expires on its way.
    token = { value: response.text.trim(), untilMs: begun + tokenSeconds * 900 };
  }

  function fetchOnce(signal: AbortSignal): NonNullable<typeof fetching> {
    const work = fetchToken(signal).finally(() => {
      fetching = undefined;
    });
    return { work, signal };
  }

  /** One token for all: parallel requests wait for the same one. */
  async function currentToken(signal: AbortSignal): Promise<string> {
    while (token === undefined || token.untilMs <= clock.monotonicMs()) {
      signal.throwIfAborted();
      fetching ??= fetchOnce(signal);
      const { work, signal: theirs } = fetching;
      try {
        await work;
      } catch (error) {
        // The request that fetched the token was aborted: the others fetch a new one.
        if (theirs === signal || !theirs.aborted) throw error;
      }
    }
    return token.value;
  }

  async function getOnce(path: string, signal: AbortSignal) {
    const headers = { "X-aws-ec2-metadata-token": await currentToken(signal) };
    return ask(`${endpoint}/latest/${path}`, { method: "GET", headers }, signal);
  }

  return {
    async get(path, signal) {
      let response = await getOnce(path, signal);
      if (response.status === 401) {
        token = undefined;
        response = await getOnce(path, signal);
      }
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw refused(path, response.status);
      return response.text;
    },
  };
}

type Answer = { readonly status: number; readonly text: string };

type Asked = { readonly method: "GET" | "PUT"; readonly headers: Readonly<Record<string, string>> };

async function ask(url: string, asked: Asked, signal: AbortSignal): Promise<Answer> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(requestMs)]);
  try {
    return await send(url, asked, bounded);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MusterError) throw error;
    const late = bounded.aborted;
    throw new MusterError({
      code: "imds-unreachable",
      message: `The instance metadata service ${late ? `did not answer within ${requestMs / 1000} s` : (noConnection(error)?.words ?? "cannot be reached")}`,
      hint: `Check that this is an EC2 instance, that nothing filters ${hostOf(url)}, and the hop limit in containers.${isIpv6(url) ? " By IPv6 the service answers where it is enabled for the instance (--http-protocol-ipv6)." : ""}`,
      cause: error,
      transient: true,
    });
  }
}

/**
 * On a connection of its own, and never through a proxy: a proxy on EC2 would return its own metadata. `fetch` and the
 * shared agent follow HTTP_PROXY and similar variables, on Bun always and on Node with NODE_USE_ENV_PROXY. A redirect
 * is an answer like any other.
 */
async function send(url: string, asked: Asked, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest(url, { ...asked, agent: false, signal });
  request.on("error", reject);
  request.once("response", (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      text += chunk;
      if (text.length <= maxCharacters) return;
      reject(tooLong(url, text.length));
      request.destroy();
    });
    response.once("error", reject);
    response.once("close", () => reject(new Error("the answer broke off")));
    response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
  });
  request.end();
  return promise;
}

/** A half answer may look like another valid one: refuse it. */
function tooLong(url: string, length: number): MusterError {
  return new MusterError({
    code: "imds-failed",
    message: `The instance metadata service sent an answer of ${length} characters, and ${maxCharacters} are allowed`,
    hint: `No answer of the real service is that long: find out what answers in its place at ${hostOf(url)}.`,
    transient: true,
  });
}

function refused(what: string, status: number): MusterError {
  if (status === 403) {
    return new MusterError({
      code: "imds-disabled",
      message: `The instance metadata service refuses ${what} (HTTP 403): it is switched off for this instance`,
      hint: "Switch it on: aws ec2 modify-instance-metadata-options --http-endpoint enabled --instance-id …",
    });
  }
  return new MusterError({
    code: "imds-failed",
    message: `The instance metadata service answered ${what} with HTTP ${status}`,
    hint: "A busy host answers 503 for a while.",
    transient: true,
  });
}

function hostOf(url: string): string {
  return new URL(url).host;
}

function isIpv6(url: string): boolean {
  return hostOf(url).startsWith("[");
}
