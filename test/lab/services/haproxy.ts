import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { askRuntime, parseServers, type BalancedServer } from "./haproxy-runtime.ts";
import { listenSilently, type Listener } from "./network.ts";
import { waitFor } from "../wait.ts";
import { startDaemon, type Daemon } from "./process.ts";

export interface Backend {
  name: string;
  /** Host names that the frontend sends here; the first backend also gets every other request. */
  hosts?: readonly string[];
  /** What HAProxy asks a server for to see whether it is up; `/` when not given. */
  healthPath?: string;
}

export interface Answer {
  status: number;
  body: string;
}

/** A client that asks again and again. */
export interface Watch {
  /** Answers with status 200 so far. */
  readonly ok: number;
  /** The others so far: the HTTP status, or the error of the connection. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/** A real HAProxy: a frontend on port 80, backends without servers, the runtime API on TCP and on a unix socket. */
export interface Haproxy {
  readonly address: string;
  /** Where instances reach the runtime API (`level admin`). */
  readonly runtime: { host: string; port: number };
  /** The same API on this machine. */
  readonly socket: string;
  /** Sends a command to the runtime API; HAProxy reports errors in its answer's text only. */
  command(command: string): Promise<string>;
  servers(backend: string): Promise<BalancedServer[]>;
  /** Fetches through the frontend; throws when the connection fails, not on a bad status. */
  get(path: string, options?: { host?: string }): Promise<Answer>;
  /** Fetches again and again until it is stopped. */
  watch(path: string, options?: { host?: string; everyMs?: number }): Watch;
  /** Changes what is asked of a backend's servers; this is a reload. */
  setHealthPath(backend: string, path: string): Promise<void>;
  /** Reads the configuration again, which forgets every server that was added since. */
  reload(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Accepts connections and never answers, until `start` or `stop`. */
  blackhole(): Promise<void>;
}

export interface HaproxyOptions {
  address: string;
  dir: string;
  backends: readonly Backend[];
}

const runtimePort = 9999;

export async function startHaproxy(options: HaproxyOptions): Promise<Haproxy> {
  const { address, dir } = options;
  const socket = join(dir, "runtime.sock");
  const master = join(dir, "master.sock");
  const config = join(dir, "haproxy.cfg");
  let backends = options.backends;
  let daemon: Daemon | undefined;
  let silence: Listener | undefined;

  await mkdir(dir, { recursive: true });

  const haproxy: Haproxy = {
    address,
    runtime: { host: address, port: runtimePort },
    socket,
    command: (command) => askRuntime(socket, command),
    servers: async (backend) => parseServers(await askRuntime(socket, `show stat ${backend} 4 -1`)),
    get: (path, { host } = {}) => fetchThrough(address, path, host ?? address),
    watch(path, { host = address, everyMs = 50 } = {}) {
      return watch(() => fetchThrough(address, path, host), everyMs);
    },
    async setHealthPath(name, healthPath) {
      backends = backends.map((backend) => (backend.name === name ? { ...backend, healthPath } : backend));
      await haproxy.reload();
    },
    async reload() {
      if (!daemon) throw new Error("HAProxy is not running");
      await writeFile(config, configuration(address, socket, backends));
      const before = await workerInCharge(master, socket);
      daemon.signal("SIGUSR2");
      await waitFor(async () => (await workerInCharge(master, socket)) !== before, {
        what: "HAProxy has reloaded",
        timeout: 10_000,
      });
    },
    async start() {
      await haproxy.stop();
      await writeFile(config, configuration(address, socket, backends));
      daemon = await startDaemon({
        name: "haproxy",
        command: "haproxy",
        args: ["-W", "-db", "-S", master, "-f", config],
        log: join(dir, "haproxy.log"),
        ready: async () => (await workerInCharge(master, socket)) !== "",
      });
    },
    async stop() {
      await daemon?.stop();
      await silence?.close();
      daemon = silence = undefined;
    },
    async blackhole() {
      await haproxy.stop();
      silence = await listenSilently(address, [80, runtimePort]);
    },
  };
  await haproxy.start();
  return haproxy;
}

/**
 * The worker that both the master and the runtime socket speak of. The master has to be asked too: it starts itself
 * anew after each fork, and a signal that comes earlier is lost.
 */
async function workerInCharge(master: string, socket: string): Promise<string> {
  const [, fromMaster] = /^# workers\n(\d+)\s/m.exec(await askRuntime(master, "show proc")) ?? [];
  const [, fromWorker] = /^Pid: (\d+)$/m.exec(await askRuntime(socket, "show info")) ?? [];
  if (fromMaster === undefined || fromMaster !== fromWorker) throw new Error("HAProxy is between two workers");
  return fromMaster;
}

/** Servers added at run time inherit nothing from the backend: interval, rise and fall are theirs to say. */
function configuration(address: string, socket: string, backends: readonly Backend[]): string {
  const routes = backends.flatMap(({ name, hosts = [] }) =>
    hosts.map((host) => `  use_backend ${name} if { req.hdr(host),field(1,:) -i ${host} }`),
  );
  const sections = backends.map(({ name, healthPath = "/" }) =>
    [`backend ${name}`, "  balance roundrobin", `  option httpchk GET ${healthPath}`].join("\n"),
  );
  return `global
  stats socket ${socket} mode 600 level admin
  stats socket ipv4@${address}:${runtimePort} level admin
  log stderr format raw daemon
  maxconn 500
defaults
  mode http
  log global
  option httplog
  option redispatch
  timeout connect 1s
  timeout client 10s
  timeout server 10s
  timeout check 1s
frontend web
  bind ${address}:80
${routes.join("\n")}
  default_backend ${backends[0]?.name}
${sections.join("\n")}
`;
}

function fetchThrough(address: string, path: string, host: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: address, path, headers: { host }, agent: false, timeout: 5_000 }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => (body += chunk.toString()));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asking.once("timeout", () => asking.destroy(new Error("no answer within 5 s")));
    asking.once("error", reject);
    asking.end();
  });
}

function watch(fetch: () => Promise<Answer>, everyMs: number): Watch {
  const failures: string[] = [];
  let ok = 0;
  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) {
      const outcome = await fetch().then(({ status }) => String(status), String);
      if (outcome === "200") ok += 1;
      else failures.push(outcome);
      await sleep(everyMs);
    }
  })();
  return {
    failures,
    get ok() {
      return ok;
    },
    async stop() {
      stopping.abort();
      await asking;
    },
  };
}
