import type { Socket } from "node:net";
import { createReply, type Reply } from "./reply.ts";
import { createRequestReader, maxBody, type Asked } from "./request.ts";

/** At the same time, of one socket or port. */
const mostAtOnce = 64;

/** How long a client may take, in milliseconds: to say what it wants, and to read the rest of an answer that is complete. */
export type Patience = { readonly askMs: number; readonly readMs: number };

const usualPatience: Patience = { askMs: 5_000, readMs: 10_000 };

/** The connections of one server. */
export type Connections = {
  take(socket: Socket): void;
  /** Breaks all of them off. */
  dropAll(): void;
};

/**
 * Reads one request of each connection and has it answered. Who has not said what it wants makes room for who comes
 * later, the oldest first, so that connections that only wait keep nobody out; when all are being answered, the newcomer
 * is turned away.
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
      // Broken pipes are the client's business.
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
          // It is read on, because only so its end is seen; but nothing more may come.
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
