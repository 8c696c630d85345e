import type { Socket } from "node:net";

/** The most unread output of a client, in bytes. */
const maxBacklog = 4 * 1024 * 1024;

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  411: "Length Required",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  503: "Service Unavailable",
};

/** The answer to one request; the connection ends with it. */
export type Reply = {
  /** Begins an answer of unknown length. */
  begin(contentType: string): void;
  /** Unread output must not pile up here: a client with too much of it is dropped. */
  write(text: string): void;
  end(): void;
  /** A whole answer. */
  send(status: number, contentType: string, text: string): void;
  sendJson(status: number, body: unknown): void;
  /** Breaks the answer off. */
  drop(): void;
  readonly begun: boolean;
  /** Aborts when the client is gone. */
  readonly gone: AbortSignal;
};

/** @param readMs how long a client may take to read the rest of a complete answer */
export function createReply(socket: Socket, readMs: number): Reply {
  const gone = new AbortController();
  let begun = false;
  socket.once("close", () => gone.abort());

  function head(status: number, contentType: string, length?: number): void {
    begun = true;
    const known = length === undefined ? [] : [`Content-Length: ${length}`];
    const lines = [`HTTP/1.1 ${status} ${reasons[status] ?? ""}`, `Content-Type: ${contentType}`, ...known];
    write(`${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`);
  }

  function write(text: string): void {
    if (socket.destroyed) return;
    if (socket.writableLength > maxBacklog) socket.destroy();
    else socket.write(text);
  }

  function end(): void {
    if (socket.destroyed) return;
    const late = setTimeout(() => socket.destroy(), readMs);
    socket.once("close", () => clearTimeout(late));
    // Then the kernel has all of it: a client that does not hang up must not block others.
    socket.once("finish", () => socket.destroy());
    socket.end();
  }

  function send(status: number, contentType: string, text: string): void {
    head(status, contentType, Buffer.byteLength(text));
    write(text);
    end();
  }

  return {
    begin: (contentType) => head(200, contentType),
    write,
    end,
    send,
    sendJson: (status, body) => send(status, "application/json", `${JSON.stringify(body)}\n`),
    drop: () => void socket.destroy(),
    get begun() {
      return begun;
    },
    gone: gone.signal,
  };
}
