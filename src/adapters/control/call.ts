import { request as httpRequest, type IncomingMessage } from "node:http";
import { MusterError } from "../../domain/errors/errors.ts";
import type { Outcome } from "./protocol.ts";

/** The time limit for the daemon to accept a connection, in milliseconds. */
const connectMs = 5_000;

/**
 * One request to the daemon behind a socket; resolves once the answer begins.
 * @throws MusterError `daemon-unreachable` if no daemon listens; `daemon-silent`, `control-forbidden`,
 * `control-refused`
 */
export function call(path: string, method: string, route: string, body: unknown): Promise<IncomingMessage> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath: path, method, path: route, headers, agent: false });
    const timer = setTimeout(() => request.destroy(new Error("no answer in time")), connectMs);
    request.once("response", (response) => {
      clearTimeout(timer);
      if (response.statusCode === 200) return resolve(response);
      response.resume();
      reject(response.statusCode === 403 ? forbidden(path) : refused(response.statusCode));
    });
    request.once("error", (error) => {
      clearTimeout(timer);
      reject(failure(path, error));
    });
    request.end(text);
  });
}

/**
 * A quick answer of the daemon. @throws MusterError as `call`; `daemon-silent` also if the answer begins and does not
 * end
 */
export async function askAtOnce<T>(path: string, route: string): Promise<T> {
  const response = await call(path, "GET", route, undefined);
  let late: Error | undefined;
  const timer = setTimeout(() => {
    late = new Error("its answer does not end");
    response.destroy(late);
  }, connectMs);
  try {
    return await readJson<T>(response);
  } catch (error) {
    throw late === undefined ? error : silent(path, late);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws MusterError `daemon-lost` if the answer breaks off */
export async function readJson<T>(response: IncomingMessage): Promise<T> {
  try {
    const chunks: string[] = [];
    for await (const chunk of response.setEncoding("utf8")) chunks.push(String(chunk));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own daemon says it of itself
    return JSON.parse(chunks.join("")) as T;
  } catch (error) {
    throw lost(error);
  }
}

/**
 * A request with one value for an answer, which may take a while.
 * @throws MusterError the daemon's own error, or that it could not be asked; the signal's reason
 */
export async function ask<T>(
  path: string,
  method: string,
  route: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const response = await call(path, method, route, body);
  const abort = (): void => void response.destroy();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    const outcome = await readJson<Outcome>(response);
    if ("error" in outcome) throw new MusterError(outcome.error);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own daemon says it
    return outcome.value as T;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function failure(path: string, error: Error): MusterError {
  if (isNobodyThere(error)) return unreachable(path, error);
  // A reload takes the sockets down, and a connection that waits there.
  if ("code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE")) return lost(error);
  return "code" in error && error.code === "EACCES" ? forbidden(path, error) : silent(path, error);
}

/** The kernel or the daemon refuses this user. */
function forbidden(path: string, cause?: Error): MusterError {
  return new MusterError({
    code: "control-forbidden",
    message: `You may not ask this of the daemon on ${path}${cause === undefined ? "" : `: ${cause.message}`}`,
    hint: "Run it as root. Members of the group muster, where there is one, may look and work with tags.",
    ...(cause === undefined ? {} : { cause }),
  });
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

/** No daemon listens, as opposed to one that does not answer: only then may another process do the work. */
function isNobodyThere(error: Error): boolean {
  return "code" in error && (error.code === "ENOENT" || error.code === "ECONNREFUSED");
}

function silent(path: string, error: Error): MusterError {
  return new MusterError({
    code: "daemon-silent",
    message: `The daemon does not answer on ${path}: ${error.message}`,
    hint: "Look at the daemon with: systemctl status muster",
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

export function lost(cause: unknown): MusterError {
  return new MusterError({
    code: "daemon-lost",
    message: "The daemon went away while it was working; its run goes on when it is started again",
    hint: "Look at it with: muster status, journalctl -u muster",
    cause,
    transient: true,
  });
}
