import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { dirname } from "node:path";
import { MusterError } from "../../domain/errors.ts";
import type { ControlServer } from "../../ports/control.ts";
import { answer, type Page, type Rights } from "./answer.ts";

export type ControlServerDeps = {
  /** For root alone, who may ask for everything. */
  readonly rootSocket: string;
  /** In the same directory: for the group too, who may look and work with tags. */
  readonly groupSocket: string;
  /** The group's number; undefined where there is no such group, and root alone may use either. */
  readonly group: () => Promise<number | undefined>;
  readonly metrics: Page;
};

/**
 * The daemon's side of the control sockets. Who may use which is a matter of file modes alone: the kernel knows who
 * connects, and this process does not.
 */
export function createControlServer(deps: ControlServerDeps): ControlServer {
  const { rootSocket, groupSocket, metrics } = deps;
  const directory = dirname(rootSocket);
  return {
    async listen(served, signal) {
      // Nobody gets in before the sockets have their modes.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
      const servers: Server[] = [];
      async function open(path: string, rights: Rights): Promise<void> {
        // The lock is held: a socket that is there belongs to a daemon that died.
        await rm(path, { force: true });
        const server = createServer((request, response) => {
          void answer({ ...served, metrics }, rights, request, response, signal);
        });
        await new Promise<void>((resolve, reject) => {
          server.once("error", (error) => reject(cannotListen(path, error)));
          server.listen(path, resolve);
        });
        servers.push(server);
        await chmod(path, 0o600);
      }
      try {
        await open(rootSocket, "root");
        await open(groupSocket, "group");
        await letIn(await deps.group());
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
  async function letIn(group: number | undefined): Promise<void> {
    if (group === undefined) return;
    await chown(groupSocket, 0, group);
    await chmod(groupSocket, 0o660);
    await chown(directory, 0, group);
    await chmod(directory, 0o710);
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

function cannotListen(path: string, error: Error): MusterError {
  return new MusterError({
    code: "control-failed",
    message: `Cannot listen on ${path}: ${error.message}`,
    hint: "Check that muster runs as root and that /run is writable.",
    cause: error,
  });
}
