// The prober of the host: the contract, and the network for real.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, request } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProber } from "../../src/adapters/host/prober/prober.ts";
import type { CheckTarget } from "../../src/domain/health/check.ts";
import { wordsOf } from "../../src/adapters/host/prober/seen.ts";
import { proberSuite } from "./prober.suite.ts";

const signal = new AbortController().signal;
const servers: Server[] = [];
let directory: string;
let web: number;
let tls: number;
let silent: number;
let closed: number;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "muster-prober-"));
  web = await listen(createServer(answer));
  silent = await listen(createTcpServer(() => undefined));
  tls = await listen(createTlsServer(certificate(), answer));
  const gone = createTcpServer();
  closed = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
});

afterAll(() => {
  for (const server of servers) {
    if ("closeAllConnections" in server) (server as { closeAllConnections(): void }).closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function certificate(): { key: string; cert: string } {
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  execFileSync("openssl", [...args, "-subj", "/CN=test", "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const answers: Readonly<Record<string, () => void>> = {
    "/": () => response.end("hello and welcome"),
    "/broken": () => response.writeHead(503).end("no"),
    "/away": () => response.writeHead(302, { location: "/" }).end(),
    "/echo": () =>
      response.end(`${request.method} ${String(request.headers["x-probe"])} ${request.headers.host ?? ""}`),
    "/endless": () => flood(response),
    "/slow-body": () => response.write("hello"),
    "/torn": () => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setTimeout(() => response.destroy(), 20);
    },
  };
  const found = answers[request.url ?? ""];
  if (found === undefined) response.writeHead(404).end();
  else found();
}

/** A body without an end, as fast as the reader takes it. */
function flood(response: ServerResponse): void {
  const chunk = "x".repeat(64 * 1024);
  const endless = new Readable({ read: () => void endless.push(chunk) });
  // The reader hanging up is what the test is about.
  pipeline(endless, response, () => undefined);
}

proberSuite("host", () => ({
  prober: createProber(),
  passing: { kind: "tcp", host: "127.0.0.1", port: web },
  failing: { kind: "tcp", host: "127.0.0.1", port: closed },
  hanging: { kind: "command", run: { shell: "trap '' TERM; sleep 30 & wait" }, exit: 0 },
}));

function probe(target: CheckTarget) {
  return createProber().probe(target, 5_000, signal);
}

function http(path: string, over: Partial<Extract<CheckTarget, { kind: "http" }>> = {}): CheckTarget {
  return { kind: "http", url: `http://127.0.0.1:${web}${path}`, method: "GET", headers: {}, status: 200, ...over };
}

describe("http", () => {
  test("status and text", async () => {
    expect(await probe(http("/"))).toEqual({ ok: true, seen: "status 200" });
    expect(await probe(http("/", { contains: "welcome" }))).toEqual({ ok: true, seen: "status 200 and the text" });
    expect(await probe(http("/", { contains: "goodbye" }))).toEqual({
      ok: false,
      expected: 'status 200 and "goodbye" in the body',
      seen: "status 200, and no such text in 17 B",
    });
    expect(await probe(http("/broken"))).toEqual({ ok: false, expected: "status 200", seen: "status 503" });
    expect(await probe(http("/broken", { status: 503 }))).toMatchObject({ ok: true });
  });

  test("a redirect is not followed", async () => {
    expect(await probe(http("/away"))).toMatchObject({ ok: false, seen: "status 302 to /" });
    expect(await probe(http("/away", { status: 302 }))).toMatchObject({ ok: true });
  });

  test("method and headers are sent", async () => {
    const target = http("/echo", {
      headers: { "X-Probe": "p1", Host: "shop.example" },
      contains: "GET p1 shop.example",
    });
    expect(await probe(target)).toMatchObject({ ok: true });
    expect(await probe(http("/", { method: "HEAD" }))).toMatchObject({ ok: true });
  });

  test("of an endless body only the beginning is read", async () => {
    expect(await probe(http("/endless", { contains: "y" }))).toMatchObject({
      ok: false,
      seen: expect.stringMatching(/no such text in the first 1\.0 MiB$/) as unknown,
    });
    expect(await probe(http("/endless"))).toMatchObject({ ok: true });
  });

  test("the time-out covers the body", async () => {
    const attempt = createProber().probe(http("/slow-body", { contains: "bye" }), 300, signal);
    expect(await attempt).toMatchObject({ ok: false, seen: "no answer within 0.3 s" });
  });

  test("what goes wrong on the wire is said in words", async () => {
    expect(await probe(http("/torn", { contains: "x" }))).toMatchObject({
      ok: false,
      seen: expect.stringMatching(/\w/) as unknown,
    });
    const refused = http("", { url: `http://127.0.0.1:${closed}/` });
    expect(await probe(refused)).toMatchObject({ ok: false, seen: "connection refused" });
  });

  test("no proxy of the environment is used", async () => {
    process.env["http_proxy"] = process.env["HTTP_PROXY"] = `http://127.0.0.1:${closed}`;
    try {
      expect(await probe(http("/"))).toMatchObject({ ok: true });
    } finally {
      delete process.env["http_proxy"];
      delete process.env["HTTP_PROXY"];
    }
  });

  test("https: an address is not verified, a name is", async () => {
    expect(await probe(http("", { url: `https://127.0.0.1:${tls}/` }))).toMatchObject({ ok: true });
    const named = http("", { url: `https://localhost.localdomain:${tls}/` });
    expect(await probe(named)).toMatchObject({ ok: false });
  });

  test("https: what is wrong with a certificate is said", async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const asked = request({ host: "127.0.0.1", port: tls, agent: false });
    asked.once("error", resolve).once("response", resolve).end();
    expect(wordsOf(await promise)).toBe("a certificate that is not trusted");
    asked.destroy();
  });

  test("a name that does not resolve, a port that is closed and silence are told apart", async () => {
    const lost = http("", { url: "http://service.invalid/" });
    expect(await probe(lost)).toMatchObject({ ok: false, seen: "a host name that does not resolve" });
    const shut = http("", { url: `http://127.0.0.1:${closed}/` });
    expect(await probe(shut)).toMatchObject({ ok: false, seen: "connection refused" });
    const quiet = http("", { url: `http://127.0.0.1:${silent}/` });
    expect(await createProber().probe(quiet, 300, signal)).toMatchObject({ ok: false, seen: "no answer within 0.3 s" });
  });
});

test("tcp: a port that is closed, one that is open", async () => {
  expect(await probe({ kind: "tcp", host: "127.0.0.1", port: closed })).toEqual({
    ok: false,
    expected: "a connection",
    seen: "connection refused",
  });
  expect(await probe({ kind: "tcp", host: "localhost", port: silent })).toEqual({ ok: true, seen: "a connection" });
});
