import { createSocket } from "node:dgram";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { connect, createServer, type Server as NetServer, type Socket } from "node:net";

/** Something that listens, and that a test can close again at once, connections included. */
export interface Listener {
  close(): Promise<void>;
}

/** Listens with any node server; `close` also ends the connections that are open. */
export async function listen(server: NetServer | Server, address: string, port: number): Promise<Listener> {
  return listenOn(server, { host: address, port });
}

/** The same on a socket that listens already, whoever opened it. */
export async function listenOn(
  server: NetServer | Server,
  where: { host: string; port: number } | NetServer,
): Promise<Listener> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    // A client that goes away in mid-answer is its own business.
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => resolve());
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Accepts connections on every port and never says a word: the server that hangs. */
export async function listenSilently(address: string, ports: readonly number[]): Promise<Listener> {
  const listeners = await Promise.all(ports.map((port) => listen(createServer(), address, port)));
  return { close: async () => void (await Promise.all(listeners.map((listener) => listener.close()))) };
}

/** Takes datagrams and answers none. */
export async function swallowDatagrams(address: string, port: number): Promise<Listener> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, () => resolve());
  });
  return { close: () => new Promise((resolve) => socket.close(() => resolve())) };
}

/** Whether something accepts connections there. */
export async function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: 1_000 });
    const answer = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A request handler that notes every request and answers a bug of the lab with 500 and its text. */
export function handling(handler: Handler, requests: string[]) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    requests.push(`${request.method} ${request.url}`);
    handler(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.statusCode = 500;
      response.end(`${String(error)}\n`);
    });
  };
}
