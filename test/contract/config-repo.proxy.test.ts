// The git adapter behind an HTTP proxy, which alone knows where the server is.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import { createProxies } from "../../src/adapters/host/proxies.ts";
import { tunnelCommand } from "../../src/adapters/host/tunnel-words.ts";
import { startHttpProxy, type HttpProxy } from "../lab/services/http-proxy.ts";
import { startGitServer, type GitServer } from "../lab/services/git-server.ts";
import type { GitRepository } from "../lab/services/git-repository.ts";

const { signal } = new AbortController();
const limitMs = 60_000;
const schemes = ["https", "http", "ssh"] as const;
const ports = { https: 443, http: 80, ssh: 22 };
// Every test process has an address of its own: the ports are the real ones.
const address = `127.78.${process.pid % 250}.${1 + Math.floor(Math.random() * 250)}`;
const password = "the-proxy-password";

let directory: string;
let server: GitServer;
let remote: GitRepository;
let state: string;
let proxy: HttpProxy;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-test-"));
  server = await startGitServer({ address, dir: join(directory, "server") });
  remote = await server.createRepo("config");
  await server.start();
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  state = await mkdtemp(join(directory, "state-"));
  proxy = await startHttpProxy({
    credentials: `muster:${password}`,
    route: (_, port) => ({ host: address, port }),
  });
});

afterEach(() => proxy.close());

/** @param url of the proxy, for everything */
function repoBy(scheme: (typeof schemes)[number], url: string, noProxy = "") {
  return createGitConfigRepo({
    source: {
      ...{ url: server.url(scheme, "config", { byName: true }), ref: "main", refs: ["main"] },
      ...{ deadlineMs: limitMs, allowRewrite: false, caFile: server.files.ca },
      ...{ sshKeyFile: server.files.sshKey, knownHostsFile: server.files.knownHosts },
    },
    proxies: createProxies({}, { ALL_PROXY: url, NO_PROXY: noProxy }),
    tunnel: [process.execPath, resolve(import.meta.dirname, "../../src/main.ts"), tunnelCommand],
    mirrorDirectory: join(state, "mirror"),
    worktreeDirectory: join(state, "worktrees"),
    scratchDirectory: join(state, "runtime"),
  });
}

function withUser(words = `muster:${password}`): string {
  return proxy.url.replace("//", `//${words}@`);
}

test.each(schemes)("over %s it fetches through the proxy, and what is new", async (scheme) => {
  const repo = repoBy(scheme, withUser());
  const first = await remote.commitFiles({ a: `1 ${scheme}` }, "first");
  await repo.fetch(limitMs, signal);
  expect(await repo.readFile(first, "a", signal)).toBe(`1 ${scheme}`);
  const second = await remote.commitFiles({ a: "x".repeat(300_000) + scheme }, "second");
  expect(await repo.headOnServer("main", limitMs, signal)).toBe(second);
  const asked =
    scheme === "http" ? /^GET http:\/\/git\.example\.internal\// : `CONNECT git.example.internal:${ports[scheme]}`;
  expect(proxy.requests[0]).toEqual(typeof asked === "string" ? asked : expect.stringMatching(asked));
});

test.each(schemes)("over %s no argument list has the password while git works", async (scheme) => {
  server.slow(1_500);
  try {
    let seen = "";
    const fetching = repoBy(scheme, withUser()).fetch(limitMs, signal);
    let done = false;
    void fetching.finally(() => (done = true)).catch(() => undefined);
    while (!done) {
      seen += await argumentLists();
      await new Promise((resume) => setTimeout(resume, 20));
    }
    await fetching;
    expect(seen).toContain("ls-remote");
    expect(seen).not.toContain(password);
    expect(seen).not.toContain(Buffer.from(`muster:${password}`).toString("base64"));
  } finally {
    server.slow(0);
  }
});

async function argumentLists(): Promise<string> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lists = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lists.join("\n");
}

test.each(schemes)(
  "over %s a proxy that refuses is told as the proxy's doing, without the password",
  async (scheme) => {
    const wrong = repoBy(scheme, withUser("muster:wrong-password"));
    await expect(wrong.fetch(limitMs, signal)).rejects.toMatchObject({
      ...{ code: "proxy-refused", transient: true },
      message: expect.stringMatching(
        new RegExp(
          `^The config repo \\S+ cannot be fetched through the proxy ${proxy.url} \\(ALL_PROXY\\): it refuses the user or password \\(HTTP 407\\)$`,
        ),
      ) as string,
    });
    await expect(repoBy(scheme, proxy.url).fetch(limitMs, signal)).rejects.toMatchObject({
      message: expect.stringContaining("it refuses requests without a password (HTTP 407)") as string,
    });
    if (scheme === "http") return;
    proxy.refuseWith = 403;
    await expect(repoBy(scheme, withUser()).fetch(limitMs, signal)).rejects.toMatchObject({
      ...{ code: "proxy-refused", message: expect.stringContaining("to the server (HTTP 403)") as string },
    });
  },
);

test.each(schemes)("over %s a proxy that is gone or has no name is told as such", async (scheme) => {
  await proxy.close();
  for (const [url, words] of [
    [proxy.url, "it refuses the connection"],
    ["http://proxy.invalid:3128", "its name does not resolve"],
  ] as const) {
    await expect(repoBy(scheme, url).fetch(limitMs, signal)).rejects.toMatchObject({
      ...{ code: "proxy-unreachable", transient: true },
      message: expect.stringContaining(`through the proxy ${url} (ALL_PROXY): ${words}`) as string,
    });
  }
});

test.each(schemes)("over %s an exempt server is asked directly", async (scheme) => {
  await expect(repoBy(scheme, withUser(), "example.internal").fetch(limitMs, signal)).rejects.toMatchObject({
    code: "config-fetch-failed",
  });
  expect(proxy.requests).toEqual([]);
});
