import { createConnection } from "node:net";
import type { ErrorCode } from "../../domain/errors/error-codes.ts";
import { MusterError } from "../../domain/errors/errors.ts";
import type { SocketAddress } from "../../domain/settings/settings.ts";
import { noConnectionOf } from "../host/no-connection.ts";
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
      const timer = setTimeout(() => fail(failure(address, late("no answer within 5 s"))), deadlineMs);
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
      socket.once("error", (error) => fail(failure(address, causeOf(error), error)));
      socket.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > longestAnswer) fail(failure(address, brokenOff("its answer has no end")));
      });
      socket.once("end", () => {
        // Even success is at least a newline: an empty answer means that HAProxy went away during the command.
        if (length === 0) return fail(failure(address, brokenOff("it closed the connection without an answer")));
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
    if (isHung(error)) throw failure(address, late("its path does not answer within 5 s"), error);
  }
}

type Cause = { readonly code: ErrorCode; readonly words: string; readonly hint: string };

function failure(address: SocketAddress, { code, words, hint }: Cause, cause?: Error): MusterError {
  const where = "path" in address ? address.path : `${address.host}:${address.port}`;
  const message = `HAProxy's runtime API at ${where} cannot be asked: ${words}`;
  return new MusterError({ code, message, hint, cause, transient: true });
}

function late(words: string): Cause {
  const hint = "Check that firewalls let this instance through, and that HAProxy is not stopped or overloaded.";
  return { code: "balancer-timeout", words, hint };
}

function brokenOff(words: string): Cause {
  const hint = "Look at HAProxy's log, and see that `local.haproxy.socket` names its `stats socket`.";
  return { code: "balancer-unreachable", words, hint };
}

function causeOf(error: NodeJS.ErrnoException): Cause {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") {
    const hint = "Start HAProxy, or correct `local.haproxy.socket` in the settings: its `stats socket` names the path.";
    return { code: "balancer-socket-missing", words: "there is no such socket", hint };
  }
  if (error.code === "EACCES" || error.code === "EPERM") {
    const hint =
      "Give root access: `mode`, `user` and `group` of HAProxy's `stats socket`, and the directories above it.";
    return { code: "balancer-socket-denied", words: "permission denied", hint };
  }
  switch (noConnectionOf(error)) {
    case "unresolved": {
      const hint = "Check `local.haproxy.socket` in the settings and this machine's resolver (/etc/resolv.conf).";
      return { code: "balancer-name-unresolved", words: "its name does not resolve", hint };
    }
    case "refused": {
      const hint = "Check that HAProxy runs, and that its `stats socket` listens there with `level admin`.";
      return { code: "balancer-connection-refused", words: "connection refused", hint };
    }
    case "no-route": {
      const hint = "Check this machine's routes (ip route, ip -6 route) and `local.haproxy.socket` in the settings.";
      return { code: "balancer-no-route", words: "no route to it", hint };
    }
    case "late":
      return late("no answer in time");
    default:
      return brokenOff(error.message);
  }
}
