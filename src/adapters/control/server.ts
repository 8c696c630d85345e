import { mkdir, rm } from "node:fs/promises";
import { createServer, type ListenOptions, type Server } from "node:net";
import { dirname } from "node:path";
import { MusterError } from "../../domain/errors/errors.ts";
import type { ControlServer } from "../../ports/control.ts";
import { setAccess } from "../host/handles/access.ts";
import { answer, type Page, type Rights } from "./answer.ts";
import { boundedAudit, type AuditEntry } from "./audit.ts";
import { createConnections, type Connections } from "./connections.ts";

export type ControlServerDeps = {
  /** For root, with all requests. */
  readonly rootSocket: string;
  /** In the same directory: for the group too, which may read, and work with tags. */
  readonly groupSocket: string;
  /** The group's number; undefined without such a group: then root alone may use either socket. */
  readonly group: () => Promise<number | undefined>;
  readonly metrics: Page;
  /** The port for health and metrics, for every user of this machine; absent: none. */
  readonly address?: { readonly host: string; readonly port: number } | undefined;
  /** Called with each request for a change. */
  readonly onAsked?: ((entry: AuditEntry) => void) | undefined;
  /** Called when a socket cannot be made: the daemon lives on. */
  readonly onFailure: (text: string) => void;
};

type Listening = { readonly server: Server; readonly connections: Connections };

/**
 * The daemon's side of the control sockets. File modes alone decide which user may use which: the kernel knows the
 * user, this process does not.
 */
export function createControlServer(deps: ControlServerDeps): ControlServer {
  const { rootSocket, groupSocket, metrics, address } = deps;
  const directory = dirname(rootSocket);
  const audit = boundedAudit(deps.onAsked ?? (() => undefined), () => performance.now());
  return {
    async listen(served, signal) {
      // No client connects before the sockets have their modes.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      setAccess(directory, { mode: 0o700 });
      const servers: Listening[] = [];
      async function serve(rights: Rights, where: ListenOptions): Promise<void> {
        const connections = createConnections((asked, reply) => {
          void answer({ ...served, metrics, audit }, rights, asked, reply, signal);
        });
        const server = createServer((socket) => connections.take(socket));
        await new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen(where, resolve);
        });
        servers.push({ server, connections });
      }
      async function open(path: string, rights: Rights): Promise<void> {
        // This process holds the lock, so an existing socket belongs to a dead daemon.
        await rm(path, { force: true });
        try {
          await serve(rights, { path });
        } catch (error) {
          throw cannotListen(path, error);
        }
        setAccess(path, { mode: 0o600 });
      }
      async function openTo({ host, port }: NonNullable<typeof address>): Promise<void> {
        try {
          await serve("anybody", { host, port });
        } catch (error) {
          deps.onFailure(`Metrics and health are not told on ${host}:${port}: ${wordsOf(error)}`);
        }
      }
      try {
        await open(rootSocket, "root");
        await open(groupSocket, "group");
        letIn(await deps.group());
        if (address !== undefined) await openTo(address);
      } catch (error) {
        await close(servers);
        throw error;
      }
      return {
        async close() {
          await close(servers);
          for (const path of [rootSocket, groupSocket]) await rm(path, { force: true });
        },
      };
    },
  };

  /** Members of the group may pass through the directory, not list it. */
  function letIn(group: number | undefined): void {
    if (group === undefined) return;
    setAccess(groupSocket, { mode: 0o660, group });
    setAccess(directory, { mode: 0o710, group });
  }
}

async function close(servers: readonly Listening[]): Promise<void> {
  for (const { server, connections } of servers) {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    connections.dropAll();
    await closed;
  }
}

function cannotListen(path: string, error: unknown): MusterError {
  return new MusterError({
    code: "control-failed",
    message: `Cannot listen on ${path}: ${wordsOf(error)}`,
    hint: "Check that muster runs as root and that /run is writable.",
    cause: error,
  });
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
