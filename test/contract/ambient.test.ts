// A proxy in the environment is for other programs. One that is an EC2 instance would answer for the metadata as itself.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const agent = join(import.meta.dirname, "ambient.agent.ts");
const tagSet = "<DescribeTagsResponse><tagSet/></DescribeTagsResponse>";

let directory: string;
let servers: Server[];
let throughProxy: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "muster-ambient-"));
  servers = [];
  throughProxy = [];
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(directory, { recursive: true, force: true });
});

/** @returns its URL, for a server of loopback */
async function serve(answer: RequestListener, path?: string): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, "127.0.0.1", resolve) : server.listen(path, resolve),
  );
  return path ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The metadata, a service to check and AWS, by what is asked. */
const everything: (id: string) => RequestListener = (id) => (request, response) => {
  if (request.method === "PUT") return void response.end("token");
  if (request.url?.includes("meta-data") === true) return void response.end(id);
  response.end(request.method === "POST" ? tagSet : "{}");
};

test.each([
  ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"],
  ["http_proxy", "https_proxy", "all_proxy"],
])("%s and its like are not for the metadata, checks, the daemon or AWS", { timeout: 60_000 }, async (...names) => {
  const url = await serve(everything("i-own"));
  const socket = await serve((_request, response) => void response.end("{}"), join(directory, "root.sock"));
  const proxy = await serve((request, response) => {
    throughProxy.push(`${request.method} ${request.url}`);
    everything("i-proxy")(request, response);
  });
  const env = {
    PATH: process.env["PATH"],
    NODE_USE_ENV_PROXY: "1",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "a-secret-of-this-test",
    ...Object.fromEntries(names.map((name) => [name, proxy])),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [agent, url, socket], { env, timeout: 50_000 });
  expect(JSON.parse(stdout)).toEqual({ metadata: "i-own", check: true, socket: {}, aws: {} });
  expect(throughProxy).toEqual([]);
});
