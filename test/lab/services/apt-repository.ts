import { createReadStream } from "node:fs";
import { cp, mkdir, stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { dirname, join, normalize } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

import { archivesOf, writeIndex, type ArchiveName } from "./apt-index.ts";
import { openAptKey } from "./apt-key.ts";
import { buildPackage, type LabPackage } from "./apt-packages.ts";
import { aptKeyDir } from "./apt-pool.ts";
import { handling, listen, listenSilently, type Listener } from "./network.ts";

/** A signed package repository over HTTP, in the shape of Debian's main and security archives. */
export interface AptRepository {
  readonly address: string;
  /** Text for /etc/apt/sources.list.d/muster-lab.sources in an instance that has no other sources. */
  readonly sources: string;
  /** The public key on this machine, and where `sources` expects it in the instance. */
  readonly keyring: string;
  readonly keyringInInstance: string;
  /** One line a request, `GET /path`, oldest first. */
  readonly requests: readonly string[];
  /** Builds a package and adds it to an archive; the next `apt-get update` sees it. */
  publish(spec: LabPackage, archive: ArchiveName): Promise<void>;
  /**
   * The archive says another label of itself from now on, as Debian's said another suite on the day of a release: apt takes
   * nothing from it until somebody accepts that (apt-secure(8), "information changes").
   */
  relabel(archive: ArchiveName, label: string): Promise<void>;
  /** The archive is signed from now on with a key that no instance has, as after a key was replaced (`NO_PUBKEY`). */
  replaceKey(archive: ArchiveName): Promise<void>;
  /** Every answer is late by this many milliseconds from now on. */
  slow(milliseconds: number): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Accepts connections and never answers, until `start` or `stop`. */
  blackhole(): Promise<void>;
}

export interface AptRepositoryOptions {
  address: string;
  dir: string;
  /** What `prepareAptPool` returned. */
  pool: string;
  suite: string;
}

const port = 80;

const keyringInInstance = "/usr/share/keyrings/muster-lab.asc";

/** Serves a copy of the pool, so that a test that publishes does not change what the next one meets. */
export async function startAptRepository(options: AptRepositoryOptions): Promise<AptRepository> {
  const { address, dir, pool, suite } = options;
  const archives = archivesOf(suite);
  const key = await openAptKey(aptKeyDir(dirname(pool)));
  const keys = { main: key, security: key };
  const requests: string[] = [];
  let delay = 0;
  let listener: Listener | undefined;

  await mkdir(dir, { recursive: true });
  for (const name of ["main", "security"] as const) {
    await cp(join(pool, name), join(dir, archives[name].root, "pool"), { recursive: true });
    await writeIndex(dir, archives[name], key);
  }

  async function stop(): Promise<void> {
    await listener?.close();
    listener = undefined;
  }

  const repository: AptRepository = {
    address,
    sources: sourcesFor(address, suite),
    keyring: key.keyring,
    keyringInInstance,
    requests,
    async publish(spec, name) {
      await buildPackage(spec, join(dir, archives[name].root, "pool"));
      await writeIndex(dir, archives[name], keys[name]);
    },
    async relabel(name, label) {
      archives[name].label = label;
      await writeIndex(dir, archives[name], keys[name]);
    },
    async replaceKey(name) {
      keys[name] = await openAptKey(join(dir, "another-key"));
      await writeIndex(dir, archives[name], keys[name]);
    },
    slow(milliseconds) {
      delay = milliseconds;
    },
    async start() {
      await stop();
      const server = createServer(
        handling(async (request, response) => {
          if (delay > 0) await sleep(delay);
          await sendFile(join(dir, normalize(decodeURIComponent(request.url ?? "/"))), response);
        }, requests),
      );
      listener = await listen(server, address, port);
    },
    stop,
    async blackhole() {
      await stop();
      listener = await listenSilently(address, [port]);
    },
  };
  await repository.start();
  return repository;
}

/**
 * A third party's source that is dead in the worst way: packets go out and nothing comes back, not even a refusal, as with a
 * host that was switched off behind a firewall that drops. The command makes it so in an instance.
 */
export function deadSource(address: string): { readonly line: string; readonly command: string } {
  return {
    line: `deb [trusted=yes] http://${address}/third-party stable main\n`,
    command: `ip neigh replace ${address} lladdr 02:00:00:00:00:99 dev "$(ip -o route get ${address} | sed 's/.* dev \\([^ ]*\\).*/\\1/')"`,
  };
}

function sourcesFor(address: string, suite: string): string {
  return Object.values(archivesOf(suite))
    .map(({ root, codename }) =>
      [
        "Types: deb",
        `URIs: http://${address}/${root}`,
        `Suites: ${codename}`,
        "Components: main",
        `Signed-By: ${keyringInInstance}`,
        "",
      ].join("\n"),
    )
    .join("\n");
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end("not in this repository\n");
    return;
  }
  // No Last-Modified: it counts in seconds, and a test publishes twice within one.
  response.writeHead(200, { "content-length": found.size });
  // A client that hangs up in the middle is not an error of the server.
  await pipeline(createReadStream(path), response).catch(() => undefined);
}
