import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls, TLSSocket } from "node:tls";
import { answerWithin } from "../../lib/async/deadline.ts";
import type { MusterError } from "../../domain/errors/errors.ts";
import type { Proxy } from "../../domain/settings/proxy.ts";
import { lateProxy, unreachableByCode } from "../host/proxy-words.ts";
import { timer } from "../host/timer.ts";
import { unproxied } from "./proxy.ts";
import { reachFailure, type Validity } from "./failure.ts";
import type { GitUrl } from "../../domain/role/git-url.ts";

const limitMs = 10_000;

/**
 * Opens and closes a connection to an http(s) server before git does, because git gives a connection that
 * no server answers as long as the kernel does, more than two minutes, and has no option for it (its
 * low-speed limit counts from the first byte). ssh has ConnectTimeout, and a file needs no connection.
 * Only looks whether somebody answers: git itself judges the certificate, and only says that it is not good,
 * which is why the dates are looked at here. With a proxy it is the proxy that has to answer, for ssh as well.
 * @returns the validity of an https server's certificate
 * @throws MusterError as ConfigRepo.fetch
 */
export async function reach(url: GitUrl, signal: AbortSignal, proxy?: Proxy): Promise<Validity | undefined> {
  if (proxy !== undefined) return reachProxy(url, proxy, signal);
  if (url.scheme !== "http" && url.scheme !== "https") return undefined;
  return openAndClose((onOpen) => open(url, onOpen), signal, {
    late: reachFailure(url, "Connection timed out"),
    closed: reachFailure(url, "Connection closed"),
    of: (error) => reachFailure(url, wordsFor(error)),
  });
}

async function reachProxy(url: GitUrl, proxy: Proxy, signal: AbortSignal): Promise<undefined> {
  const { host, port } = proxy;
  const closed = unproxied(url, proxy, unreachableByCode("ERR_PROXY_TUNNEL") ?? lateProxy);
  await openAndClose((onOpen) => connect({ host, port }, onOpen), signal, {
    ...{ late: unproxied(url, proxy, lateProxy), closed },
    of: (error) => {
      const trouble = "code" in error ? unreachableByCode(String(error.code)) : undefined;
      return trouble === undefined ? closed : unproxied(url, proxy, trouble);
    },
  });
}

type Failures = {
  readonly late: MusterError;
  readonly closed: MusterError;
  readonly of: (error: Error) => MusterError;
};

async function openAndClose(
  start: (onOpen: () => void) => Socket,
  signal: AbortSignal,
  failures: Failures,
): Promise<Validity | undefined> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = start(resolve);
  socket.on("error", (error) => reject(failures.of(error)));
  socket.on("close", () => reject(failures.closed));
  try {
    const answer = await answerWithin(limitMs, timer, signal, () => promise);
    if (answer === "late") throw failures.late;
    return validityOf(socket);
  } finally {
    socket.destroy();
  }
}

function open(url: GitUrl, onOpen: () => void): Socket {
  const { host, port } = url;
  if (url.scheme === "http") return connect({ host, port }, onOpen);
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  return connectTls({ host, port, ...name, rejectUnauthorized: false }, onOpen);
}

function validityOf(socket: Socket): Validity | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { valid_from, valid_to } = socket.getPeerCertificate();
  const validity = { from: new Date(valid_from), to: new Date(valid_to) };
  return Number.isNaN(validity.from.getTime() + validity.to.getTime()) ? undefined : validity;
}

/** In git's words, so that one table holds the hints. */
function wordsFor(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "Could not resolve host";
    case "ECONNREFUSED":
      return "Connection refused";
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "Network is unreachable";
    case "ECONNRESET":
      return "Connection reset";
    default:
      return error.message;
  }
}
