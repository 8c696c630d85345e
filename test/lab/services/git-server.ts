import { mkdir, readFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { createGitCredentials, serverName, type GitCredentials } from "./git-credentials.ts";
import { answerGitHttp } from "./git-http.ts";
import { createGitRepository, type GitRepository } from "./git-repository.ts";
import { startGitSsh } from "./git-ssh.ts";
import { handling, listen, listenSilently } from "./network.ts";

export type GitScheme = "http" | "https" | "ssh";

/** Serves bare repositories over http, https and ssh, as a hosting site does. */
export interface GitServer {
  readonly address: string;
  /** Paths on this machine; an instance needs `ca`, `sshKey`, `knownHosts` or `allowedSigners`. */
  readonly files: GitCredentials;
  /** One line a request over http and https, oldest first. */
  readonly requests: readonly string[];
  createRepo(name: string): Promise<GitRepository>;
  /** By address, so that no resolver is needed; `byName` gives the name of the lab's zone. */
  url(scheme: GitScheme, repo: string, options?: { byName?: boolean }): string;
  /** http and https ask for this password (any user) from now on; undefined asks for none. */
  requireToken(token: string | undefined): void;
  /** Every http and https answer is late by this many milliseconds from now on. */
  slow(milliseconds: number): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Accepts connections and never answers, until `start` or `stop`. */
  blackhole(): Promise<void>;
}

export interface GitServerOptions {
  address: string;
  dir: string;
}

const ports: Record<GitScheme, number> = { http: 80, https: 443, ssh: 22 };

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const { address, dir } = options;
  const root = join(dir, "repositories");
  const requests: string[] = [];
  let token: string | undefined;
  let delay = 0;
  let running: { close(): Promise<unknown> }[] = [];

  await mkdir(root, { recursive: true });
  const files = await createGitCredentials(join(dir, "credentials"), address);
  const certificate = { cert: await readFile(files.certificate), key: await readFile(files.certificateKey) };

  const handler = handling(async (request, response) => {
    if (delay > 0) await sleep(delay);
    if (token !== undefined && passwordOf(request.headers.authorization) !== token) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="muster lab"' }).end();
      return;
    }
    await answerGitHttp(root, request, response);
  }, requests);

  async function stop(): Promise<void> {
    const ending = running;
    running = [];
    await Promise.all(ending.map((each) => each.close()));
  }

  const server: GitServer = {
    address,
    files,
    requests,
    createRepo: (name) =>
      createGitRepository({
        name,
        bare: join(root, `${name}.git`),
        work: join(dir, "work", name),
        signingKey: files.signingKey,
      }),
    url(scheme, repo, { byName = false } = {}) {
      const user = scheme === "ssh" ? "git@" : "";
      return `${scheme}://${user}${byName ? serverName : address}/${repo}.git`;
    },
    requireToken(value) {
      token = value;
    },
    slow(milliseconds) {
      delay = milliseconds;
    },
    async start() {
      await stop();
      running.push(await listen(createHttpServer(handler), address, ports.http));
      running.push(await listen(createHttpsServer(certificate, handler), address, ports.https));
      const ssh = await startGitSsh({ address, port: ports.ssh, dir: join(dir, "ssh"), root, credentials: files });
      running.push({ close: () => ssh.stop() });
    },
    stop,
    async blackhole() {
      await stop();
      running.push(await listenSilently(address, Object.values(ports)));
    },
  };
  await server.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return server;
}

function passwordOf(authorization: string | undefined): string | undefined {
  if (!authorization?.startsWith("Basic ")) return undefined;
  const pair = Buffer.from(authorization.slice("Basic ".length), "base64").toString();
  return pair.slice(pair.indexOf(":") + 1);
}
