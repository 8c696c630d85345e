import type { Socket } from "node:net";
import { createReply, type Reply } from "./reply.ts";
import { createRequestReader, maxBody, type Asked } from "./request.ts";

/** The most connections of one socket or port. */
const mostAtOnce = 64;

/** How long a client may take, in milliseconds: to send its request, and to read the rest of a complete answer. */
export type Patience = { readonly askMs: number; readonly readMs: number };

const usualPatience: Patience = { askMs: 5_000, readMs: 10_000 };

/** The connections of one server. */
export type Connections = {
  take(socket: Socket): void;
  /** Breaks off all connections. */
  dropAll(): void;
};

/**
 * Reads one request of each connection and answers it. Too many connections without a request: the oldest one makes
 * room, so that waiting connections block no client. If all are being answered, the new one is refused.
 */
export function createConnections(
  onAsked: (asked: Asked, reply: Reply) => void,
  { askMs, readMs }: Patience = usualPatience,
): Connections {
  const open = new Set<Socket>();
  /** In the order in which they came. */
  const asking = new Set<Socket>();

  function makeRoom(): boolean {
    if (open.size < mostAtOnce) return true;
    const [oldest] = asking;
    if (oldest === undefined) return false;
    forget(oldest);
    oldest.destroy();
    return true;
  }

  function forget(socket: Socket): void {
    open.delete(socket);
    asking.delete(socket);
  }

  return {
    take(socket) {
      // Broken pipes are the client's own concern.
      socket.on("error", () => undefined);
      const reply = createReply(socket, readMs);
      if (!makeRoom()) return reply.sendJson(503, { error: "too many connections" });
      open.add(socket);
      asking.add(socket);
      const late = setTimeout(() => socket.destroy(), askMs);
      const reader = createRequestReader();
      let behind = 0;
      socket.once("close", () => {
        clearTimeout(late);
        forget(socket);
      });
      socket.on("data", (chunk: Buffer) => {
        if (!asking.has(socket)) {
          // Keep reading: only so the client's end is noticed; but further input is refused.
          behind += chunk.length;
          if (behind > maxBody) socket.destroy();
          return;
        }
        const reading = reader.push(chunk);
        if (reading.kind === "more") return;
        clearTimeout(late);
        asking.delete(socket);
        if (reading.kind === "refused") reply.sendJson(reading.status, { error: "this is no request" });
        else onAsked(reading.asked, reply);
      });
    },
    dropAll() {
      for (const socket of open) socket.destroy();
    },
  };
}
