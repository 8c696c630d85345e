import { createConnection } from "node:net";
import { MusterError } from "../../domain/errors/errors.ts";
import type { SocketAddress } from "../../domain/settings/settings.ts";
import { isHung } from "../host/path-calls.ts";
import { observePath } from "../host/path-files.ts";

/** Sends one command to HAProxy's runtime API and resolves with the whole answer. */
export type AskHaproxy = (command: string, signal: AbortSignal) => Promise<string>;

const deadlineMs = 5_000;
/** A backend with a thousand servers answers in less. */
const longestAnswer = 8 * 1024 * 1024;

/**
 * One connection for each command: HAProxy answers and closes. The answer is text without an exit status, so the caller
 * has to know what success looks like.
 */
export function createHaproxySocket(address: SocketAddress): AskHaproxy {
  return async (command, signal) => {
    signal.throwIfAborted();
    await seeThatItAnswers(address, signal);
    return await new Promise<string>((resolve, reject) => {
      // Half open: HAProxy drops the connection without an answer if our side closes too early.
      const socket = createConnection({ ...address, allowHalfOpen: true });
      const chunks: Buffer[] = [];
      let length = 0;
      const timer = setTimeout(() => fail(unreachable(address, "no answer within 5 s")), deadlineMs);
      function onAbort(): void {
        fail(signal.reason);
      }
      function fail(reason: unknown): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        socket.destroy();
        // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the abort reason goes through as it is
        reject(reason);
      }
      signal.addEventListener("abort", onAbort, { once: true });
      socket.once("connect", () => socket.write(`${command}\n`));
      socket.once("error", (error) => fail(unreachable(address, wordsOf(error), error)));
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > longestAnswer) fail(unreachable(address, "its answer has no end"));
      });
      socket.once("end", () => {
        // Even success is at least a newline: an empty answer means that HAProxy went away during the command.
        if (length === 0) return fail(unreachable(address, "it closed the connection without an answer"));
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        socket.end();
        resolve(Buffer.concat(chunks).toString("utf8"));
      });
    });
  };
}

/**
 * The kernel looks the path up during connect(2), outside the I/O threads: a file system that stands still would block
 * the whole agent. Other errors of the path appear when connecting.
 */
async function seeThatItAnswers(address: SocketAddress, signal: AbortSignal): Promise<void> {
  if (!("path" in address)) return;
  try {
    await observePath(address.path, { timeoutMs: deadlineMs, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isHung(error)) throw unreachable(address, "its path does not answer within 5 s", error);
  }
}

function unreachable(address: SocketAddress, why: string, cause?: Error): MusterError {
  const where = "path" in address ? address.path : `${address.host}:${address.port}`;
  return new MusterError({
    code: "balancer-unreachable",
    message: `HAProxy's runtime API at ${where} cannot be asked: ${why}`,
    hint: "Check that HAProxy runs and that its `stats socket` is reachable from here with `level admin`.",
    cause,
    transient: true,
  });
}

function wordsOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ECONNREFUSED":
      return "connection refused";
    case "ENOENT":
      return "there is no such socket";
    case "EACCES":
      return "permission denied";
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "no route to it";
    default:
      return error.message;
  }
}
