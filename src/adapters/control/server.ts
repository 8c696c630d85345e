import { mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { ListenOptions } from "node:net";
import { dirname } from "node:path";
import { MusterError } from "../../domain/errors.ts";
import type { ControlServer } from "../../ports/control.ts";
import { setAccess } from "../host/handles/access.ts";
import { answer, type Page, type Rights } from "./answer.ts";

export type ControlServerDeps = {
  /** For root alone, who may ask for everything. */
  readonly rootSocket: string;
  /** In the same directory: for the group too, who may look and work with tags. */
  readonly groupSocket: string;
  /** The group's number; undefined where there is no such group, and root alone may use either. */
  readonly group: () => Promise<number | undefined>;
  readonly metrics: Page;
  /** Where anybody on this machine may ask for health and metrics; absent: nowhere. */
  readonly address?: { readonly host: string; readonly port: number } | undefined;
  /** Hears that nobody can ask there: no reason for the daemon not to live. */
  readonly onTrouble: (text: string) => void;
};

/** Over TCP. Who comes later is turned away: a client that forgets to close must not take all descriptors. */
const mostAtOnce = 64;

/**
 * The daemon's side of the control sockets. Who may use which is a matter of file modes alone: the kernel knows who
 * connects, and this process does not.
 */
export function createControlServer(deps: ControlServerDeps): ControlServer {
  const { rootSocket, groupSocket, metrics, address } = deps;
  const directory = dirname(rootSocket);
  return {
    async listen(served, signal) {
      // Nobody gets in before the sockets have their modes.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      setAccess(directory, { mode: 0o700 });
      const servers: Server[] = [];
      async function serve(rights: Rights, where: ListenOptions): Promise<void> {
        const server = createServer((request, response) => {
          void answer({ ...served, metrics }, rights, request, response, signal);
        });
        if (rights === "anybody") server.maxConnections = mostAtOnce;
        await new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen(where, resolve);
        });
        servers.push(server);
      }
      async function open(path: string, rights: Rights): Promise<void> {
        // The lock is held: a socket that is there belongs to a daemon that died.
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
          deps.onTrouble(`Metrics and health are not told on ${host}:${port}: ${wordsOf(error)}`);
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

  /** Members of the group may pass through the directory, not look around in it. */
  function letIn(group: number | undefined): void {
    if (group === undefined) return;
    setAccess(groupSocket, { mode: 0o660, group });
    setAccess(directory, { mode: 0o710, group });
  }
}

async function close(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
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
