// What apt says of mirrors that do not answer: the real apt-get, with directories of its own, against loopback.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failureOf } from "../../src/adapters/apt/failure.ts";
import { verdictsIn } from "../../src/adapters/apt/verdicts.ts";
import { exec, type ExecResult } from "../../src/adapters/host/exec.ts";

const { signal } = new AbortController();
const servers: Server[] = [];
const port: Record<"missing" | "broken" | "tls" | "silent" | "closed" | "wrong", number> = {
  missing: 0,
  broken: 0,
  tls: 0,
  silent: 0,
  closed: 0,
  wrong: 0,
};
let directory: string;

/** An index whose checksum is another file's. */
const release = `Suite: stable
Codename: stable
Date: Tue, 01 Dec 2026 00:00:00 UTC
Architectures: all
Components: main
SHA256:
 ${"0".repeat(64)} 4 main/binary-all/Packages
`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "muster-apt-"));
  port.missing = await listen(createServer((_request, response) => response.writeHead(404).end()));
  port.broken = await listen(createServer((_request, response) => response.writeHead(503).end()));
  port.tls = await listen(createTlsServer(certificate(), (_request, response) => response.end("x")));
  port.silent = await listen(createTcpServer(() => undefined));
  port.wrong = await listen(
    createServer(({ url = "" }, response) => {
      if (url.endsWith("/Release")) response.end(release);
      else if (url.endsWith("/Packages")) response.end("\n\n\n\n");
      else response.writeHead(404).end();
    }),
  );
  const gone = createTcpServer();
  port.closed = await listen(gone);
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
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function certificate(): { key: string; cert: string } {
  const [key, cert] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const args = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", [...args, ...names, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

async function update(name: string, uri: string): Promise<readonly string[]> {
  const own = join(directory, name);
  for (const each of ["parts", "lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(own, each), { recursive: true });
  }
  writeFileSync(join(own, "sources.list"), `deb [trusted=yes arch=all] ${uri} stable main\n`);
  const settings = {
    "Dir::Etc::SourceList": join(own, "sources.list"),
    "Dir::Etc::SourceParts": join(own, "parts"),
    "Dir::State::lists": join(own, "lists"),
    "Dir::Cache": join(own, "cache"),
    "APT::Sandbox::User": "root",
    "APT::Update::Error-Mode": "any",
    "Acquire::Retries": "0",
    "Acquire::http::Timeout": "1",
    "Acquire::https::Timeout": "1",
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
  const result: ExecResult = await exec({
    argv: ["apt-get", "-q", ...options, "update"],
    env: { LC_ALL: "C", http_proxy: "", https_proxy: "", RES_OPTIONS: "timeout:1 attempts:1" },
    timeoutMs: 60_000,
    signal,
  });
  expect(result.outcome).toBe("exited");
  return `${result.stdout}\n${result.stderr}`.split("\n");
}

const mirrors: readonly (readonly [what: string, uri: () => string, code: string, transient: boolean, RegExp])[] = [
  ["unresolved", () => "http://mirror.invalid/debian", "package-name-unresolved", true, /resolv\.conf/],
  ["refused", () => `http://127.0.0.1:${port.closed}/debian`, "package-connection-refused", true, /mirror runs/],
  ["silent", () => `http://127.0.0.1:${port.silent}/debian`, "package-timeout", true, /security groups/],
  ["untrusted", () => `https://localhost:${port.tls}/debian`, "package-certificate-refused", false, /authority/],
  ["missing", () => `http://127.0.0.1:${port.missing}/debian`, "package-file-missing", true, /release/],
  ["wrong", () => `http://127.0.0.1:${port.wrong}/debian`, "package-file-wrong", true, /cache in between/],
  ["broken", () => `http://127.0.0.1:${port.broken}/debian`, "package-fetch-failed", true, /exists and answers/],
];

test.each(mirrors)("a mirror that is %s", async (name, uri, code, transient, remedy) => {
  const lines = await update(name, uri());
  const hint: unknown = expect.stringMatching(remedy);
  const failed = { what: "apt-get update", exit: { kind: "exited", code: 100 }, lines, logFile: "/log" } as const;
  expect(failureOf(failed), lines.join("\n")).toMatchObject({ code, transient, hint });
  expect(verdictsIn(lines).failed, lines.join("\n")).toMatchObject([{ code, transient, hint }]);
});
