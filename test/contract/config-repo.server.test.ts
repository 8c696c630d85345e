// The git adapter against real servers on loopback: https with and without a password, http, ssh.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createGitConfigRepo } from "../../src/adapters/git/config-repo.ts";
import { MusterError } from "../../src/domain/errors/errors.ts";
import type { ConfigSource } from "../../src/domain/settings/settings.ts";
import { run } from "../lab/run.ts";
import type { GitRepository } from "../lab/services/git-repository.ts";
import { startGitServer } from "../lab/services/git-server.ts";
import type { GitScheme, GitServer } from "../lab/services/git-server.ts";

const never = new AbortController().signal;
const limitMs = 60_000;
// Every test process has an address of its own: the ports are the real ones.
const address = `127.77.${process.pid % 250}.${1 + Math.floor(Math.random() * 250)}`;

let directory: string;
let server: GitServer;
let remote: GitRepository;
let state: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-test-"));
  server = await startGitServer({ address, dir: join(directory, "server") });
  remote = await server.createRepo("config");
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  state = await mkdtemp(join(directory, "state-"));
  await server.start();
});
afterEach(() => server.requireToken(undefined));

describe.each(["https", "http", "ssh"] as const)("over %s", (scheme) => {
  it("fetches, and fetches what is new", async () => {
    const repo = repoOver(scheme);
    const first = await remote.commitFiles({ a: `1 ${scheme}` }, "first");
    await repo.fetch(limitMs, never);
    expect(await repo.readFile(first, "a", never)).toBe(`1 ${scheme}`);
    const second = await remote.commitFiles({ a: `2 ${scheme}` }, "second");
    await repo.fetch(limitMs, never);
    expect(await repo.readFile(second, "a", never)).toBe(`2 ${scheme}`);
    expect(await repo.headOnServer("main", limitMs, never)).toBe(second);
  });

  it("says that there is no such repository", async () => {
    const failure = await failureOf(scheme, { url: server.url(scheme, "missing") });
    expect(failure).toMatchObject({ code: "config-repo-not-found", transient: true });
  });

  it("says that the server refuses the connection", async () => {
    await server.stop();
    const failure = await failureOf(scheme);
    expect(failure).toMatchObject({ code: "config-fetch-failed", transient: true });
    expect(failure.message).toContain("refuses the connection");
  });
});

describe("a server that accepts and never answers", () => {
  const schemes = ["https", "http", "ssh"] as const;

  it("is left at once when somebody says so, and nothing of git stays behind", async () => {
    await server.blackhole();
    const impatient = new AbortController();
    const reason = new Error("enough");
    const fetches = schemes.map((scheme) => repoOver(scheme, {}, scheme).fetch(limitMs, impatient.signal));
    setTimeout(() => impatient.abort(reason), 1_000);
    const start = performance.now();
    await Promise.all(fetches.map((fetch) => expect(fetch).rejects.toBe(reason)));
    expect(performance.now() - start).toBeLessThan(3_000);
    await vi.waitFor(async () => {
      const { stdout } = await run(["pgrep", "-af", state], { check: false });
      expect(stdout).toBe("");
    }, 6_000);
  });

  it("is given up well before the deadline", async () => {
    await server.blackhole();
    const start = performance.now();
    const failures = await Promise.all(schemes.map((scheme) => failureOf(scheme, {}, scheme)));
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: "config-fetch-failed", transient: true });
      expect(failure.message).toMatch(/does not answer|broke off/);
    }
    expect(performance.now() - start).toBeLessThan(40_000);
  });
});

describe("a password", () => {
  it("is read from the credentials file, and shows nowhere", async () => {
    server.requireToken("s3cret-token");
    const credentialsFile = await credentials("s3cret-token");
    await remote.commitFiles({ a: "1" }, "first");
    await repoOver("https", { credentialsFile }).fetch(limitMs, never);
    const written = await run(["grep", "-r", "s3cret-token", join(state, "host/mirror")], { check: false });
    expect(written.stdout).toBe("");
  });

  it("that the server refuses is said so, stays in its file, and is not told to anybody", async () => {
    server.requireToken("another-one");
    const credentialsFile = await credentials("s3cret-token");
    const before = await readFile(credentialsFile, "utf8");
    const failure = await failureOf("https", { credentialsFile });
    expect(failure).toMatchObject({ code: "config-access-denied", transient: true });
    expect(`${failure.message}${failure.hint}${String(failure.cause)}`).not.toContain("s3cret");
    expect(await readFile(credentialsFile, "utf8")).toBe(before);
  });

  it("that is missing is said so, and nobody is asked", async () => {
    server.requireToken("s3cret-token");
    expect(await failureOf("https")).toMatchObject({ code: "config-access-denied" });
    expect(await failureOf("https", { credentialsFile: "/nonexistent" })).toMatchObject({
      code: "config-access-denied",
    });
  });
});

describe("a certificate", () => {
  it("of an unknown authority is refused", async () => {
    const other = await certificateFor("20200101000000Z", "20490101000000Z");
    const failure = await failureOf("https", { caFile: other.ca });
    expect(failure).toMatchObject({ code: "config-certificate-refused", transient: true });
    expect(failure.message).toContain("not trusted");
  });

  it("bundle that cannot be read is said so", async () => {
    expect(await failureOf("https", { caFile: "/nonexistent" })).toMatchObject({ code: "config-certificate-refused" });
  });

  it.each([
    ["expired", "20200101000000Z", "20210101000000Z", /has expired/],
    ["not valid yet", "20490101000000Z", "20500101000000Z", /not valid yet/],
  ])("that is %s points to the clock", async (_what, from, to, words) => {
    const { ca, certificate, key } = await certificateFor(from, to);
    const own = createServer({ cert: await readFile(certificate), key: await readFile(key) });
    await new Promise<void>((resolve) => own.listen(8443, address, resolve));
    try {
      const failure = await failureOf("https", { url: `https://${address}:8443/config.git`, caFile: ca });
      expect(failure).toMatchObject({ code: "config-certificate-refused" });
      expect(failure.message).toMatch(words);
      expect(failure.hint).toContain("clock");
    } finally {
      own.close();
    }
  });
});

describe("ssh", () => {
  it("refuses a server whose host key is not known", async () => {
    const knownHostsFile = join(state, "no-hosts");
    await writeFile(knownHostsFile, "");
    const message = expect.stringContaining("is not known") as string;
    const code = "config-host-key-unknown";
    expect(await failureOf("ssh", { knownHostsFile })).toMatchObject({ code, message, transient: true });
  });

  it("refuses a server that shows another host key than before", async () => {
    const knownHostsFile = join(state, "known_hosts");
    const key = (await readFile(`${server.files.sshKey}.pub`, "utf8")).trim();
    await writeFile(knownHostsFile, `${address} ${key}\n`);
    const message = expect.stringContaining("another host key") as string;
    expect(await failureOf("ssh", { knownHostsFile })).toMatchObject({ code: "config-host-key-unknown", message });
  });

  it("says that the key is refused, or is not there", async () => {
    const refused = await failureOf("ssh", { sshKeyFile: server.files.signingKey });
    expect(refused).toMatchObject({ code: "config-access-denied", transient: true });
    const missing = await failureOf("ssh", { sshKeyFile: "/nonexistent key" });
    expect(missing.message).toContain("no such identity: /nonexistent key");
    const torn = join(state, "torn-key");
    await writeFile(torn, (await readFile(server.files.sshKey, "utf8")).slice(0, 150), { mode: 0o600 });
    expect((await failureOf("ssh", { sshKeyFile: torn })).message).toContain(`(Load key "${torn}": `);
  });

  it("takes paths with blanks and percent signs", async () => {
    const place = await mkdtemp(join(directory, "100% odd 'name-"));
    await run(["cp", "-a", server.files.sshKey, server.files.knownHosts, place]);
    const file = (path: string) => join(place, path.split("/").at(-1) ?? "");
    await remote.commitFiles({ a: "1" }, "first");
    const repo = repoOver("ssh", {
      sshKeyFile: file(server.files.sshKey),
      knownHostsFile: file(server.files.knownHosts),
    });
    await repo.fetch(limitMs, never);
    expect(await repo.hasMirror(never)).toBe(true);
  });
});

describe("a signature", () => {
  it("is good only by somebody on the list", async () => {
    const none = await remote.commitFiles({ a: "none" }, "none");
    const good = await remote.commitFiles({ a: "good" }, "good", { sign: true });
    const repo = repoOver("https", { allowedSignersFile: server.files.allowedSigners });
    await repo.fetch(limitMs, never);
    expect(await repo.signature(none, never)).toEqual({ kind: "none" });
    expect(await repo.signature(good, never)).toEqual({ kind: "good", signer: "lab@example.internal" });
    const stranger = join(state, "signers");
    await writeFile(stranger, `other@example.internal ${await readFile(`${server.files.sshKey}.pub`, "utf8")}`);
    for (const allowedSignersFile of [stranger, "/nonexistent"]) {
      const strict = repoOver("https", { allowedSignersFile });
      expect(await strict.signature(good, never)).toMatchObject({ kind: "bad" });
    }
  });
});

function sourceOver(scheme: GitScheme): ConfigSource {
  return {
    url: server.url(scheme, "config"),
    ref: "main",
    refs: ["main"],
    deadlineMs: limitMs,
    allowRewrite: false,
    caFile: server.files.ca,
    sshKeyFile: server.files.sshKey,
    knownHostsFile: server.files.knownHosts,
  };
}

/** @param place tells hosts apart that are there at the same time */
function repoOver(scheme: GitScheme, change: Partial<ConfigSource> = {}, place = "host") {
  return createGitConfigRepo({
    source: { ...sourceOver(scheme), ...change },
    mirrorDirectory: join(state, place, "mirror"),
    worktreeDirectory: join(state, place, "worktrees"),
    scratchDirectory: join(state, place, "runtime"),
  });
}

async function failureOf(scheme: GitScheme, change: Partial<ConfigSource> = {}, place = "host"): Promise<MusterError> {
  try {
    await repoOver(scheme, change, place).fetch(limitMs, never);
  } catch (error) {
    if (error instanceof MusterError) return error;
    throw error;
  }
  throw new Error("the fetch did not fail");
}

async function credentials(token: string): Promise<string> {
  const path = join(state, "it's my credentials");
  await writeFile(path, `https://muster:${token}@${address}\n`, { mode: 0o600 });
  return path;
}

/** An authority and a certificate of its for `address`, valid between two dates. */
async function certificateFor(from: string, to: string): Promise<{ ca: string; certificate: string; key: string }> {
  const place = await mkdtemp(join(directory, "ca-"));
  const file = (name: string) => join(place, name);
  await writeFile(file("index"), "");
  await writeFile(file("serial"), "01\n");
  await writeFile(
    file("ca.cnf"),
    `[ca]\ndefault_ca=own\n[own]\nnew_certs_dir=${place}\ndatabase=${file("index")}\nserial=${file("serial")}\n` +
      `default_md=sha256\npolicy=policy\nx509_extensions=ext\n[policy]\ncommonName=supplied\n[ext]\nsubjectAltName=IP:${address}\n`,
  );
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const ca = ["-subj", "/CN=authority", "-keyout", file("ca.key"), "-out", file("ca.pem")];
  await run(["openssl", "req", "-x509", ...newKey, "-days", "2", ...ca]);
  const own = ["-subj", `/CN=${address}`, "-keyout", file("own.key"), "-out", file("own.csr")];
  await run(["openssl", "req", ...newKey, ...own]);
  const signing = [
    "-cert",
    file("ca.pem"),
    "-keyfile",
    file("ca.key"),
    "-in",
    file("own.csr"),
    "-out",
    file("own.pem"),
  ];
  await run(["openssl", "ca", "-batch", "-config", file("ca.cnf"), "-startdate", from, "-enddate", to, ...signing]);
  return { ca: file("ca.pem"), certificate: file("own.pem"), key: file("own.key") };
}
