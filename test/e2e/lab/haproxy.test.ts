import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { startHaproxy, type Haproxy } from "../../lab/services/haproxy.ts";
import { listen, type Listener } from "../../lab/services/network.ts";
import { waitFor } from "../../lab/wait.ts";

let work: string;
let haproxy: Haproxy;
let web: Listener;
let healthy = true;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "muster-lb-"));
  const server = createServer((request, response) => {
    response.statusCode = healthy ? 200 : 500;
    response.end(`this is ${request.headers.host}\n`);
  });
  web = await listen(server, "127.66.1.11", 80);
  haproxy = await startHaproxy({
    address: "127.66.1.4",
    dir: work,
    backends: [
      { name: "web-dev", hosts: ["www.example.internal"] },
      { name: "empty", hosts: ["empty.example.internal"] },
    ],
  });
});

afterAll(async () => {
  await haproxy?.stop();
  await web?.close();
  await rm(work, { recursive: true, force: true });
});

beforeEach(async () => {
  healthy = true;
  await haproxy.start();
});

test("a server that was added, checked and made ready gets the frontend's requests", async () => {
  expect(await haproxy.get("/", { host: "www.example.internal" })).toMatchObject({ status: 503 });
  await addServer();
  await until(async () => (await server()).check === "L7OK");
  expect(await haproxy.command("set server web-dev/i-1 state ready")).toBe("");

  expect(await server()).toMatchObject({
    state: "UP",
    check: "L7OK",
    checkCode: 200,
    address: "127.66.1.11",
    port: 80,
  });
  const answer = { status: 200, body: "this is www.example.internal\n" };
  expect(await haproxy.get("/", { host: "www.example.internal" })).toEqual(answer);
  expect(await haproxy.get("/", { host: "empty.example.internal" })).toMatchObject({ status: 503 });
});

test("ready out of maintenance is UP before any check passed, ready out of drain is not", async () => {
  healthy = false;
  await addServer();
  await until(async () => (await server()).check === "L7STS");
  expect(await server()).toMatchObject({ state: "DOWN", checkCode: 500 });
  await haproxy.command("set server web-dev/i-1 state ready");
  expect(await server()).toMatchObject({ state: "DOWN" });

  await haproxy.command("set server web-dev/i-1 state maint");
  await haproxy.command("set server web-dev/i-1 state ready");
  expect(await server()).toMatchObject({ state: "UP" });
  await until(async () => (await server()).state === "DOWN");
});

test("a server leaves by drain, maintenance, deletion", async () => {
  await addServer();
  await haproxy.command("set server web-dev/i-1 state ready");
  await haproxy.command("set server web-dev/i-1 state drain");
  expect(await haproxy.get("/")).toMatchObject({ status: 503 });
  expect(await haproxy.command("del server web-dev/i-1")).toBe("Only servers in maintenance mode can be deleted.");

  await haproxy.command("set server web-dev/i-1 state maint");
  expect(await haproxy.command("del server web-dev/i-1")).toBe("Server deleted.");
  expect(await haproxy.command("del server web-dev/i-1")).toBe("No such server.");
  expect(await haproxy.servers("web-dev")).toEqual([]);
});

test("a reload forgets the servers that were added, and a client notices", async () => {
  await addServer();
  await haproxy.command("set server web-dev/i-1 state ready");
  await until(async () => (await server()).state === "UP");
  const client = haproxy.watch("/");
  try {
    await until(async () => client.ok > 0);
    await haproxy.reload();
    expect(await haproxy.servers("web-dev")).toEqual([]);
    await until(async () => client.failures.includes("503"));
  } finally {
    await client.stop();
  }
});

test("a balancer that never says up", async () => {
  await haproxy.setHealthPath("web-dev", "/");
  healthy = false;
  await addServer();
  await until(async () => (await server()).checkText.startsWith("Layer7 wrong status"));
  expect(await server()).toMatchObject({ state: "DOWN" });
});

test("an unknown backend is an error and no empty list", async () => {
  await expect(haproxy.servers("nowhere")).rejects.toThrow("No such proxy");
});

test("the runtime API answers on TCP, and can be down and hang", async () => {
  expect(await overTcp("show version")).toMatch(/^\d+\.\d+/);

  await haproxy.stop();
  await expect(overTcp("show version")).rejects.toThrow("ECONNREFUSED");
  await haproxy.blackhole();
  await expect(overTcp("show version")).rejects.toThrow("no answer");
});

async function addServer(): Promise<void> {
  const added = await haproxy.command("add server web-dev/i-1 127.66.1.11:80 check inter 200ms rise 1 fall 2");
  expect(added).toBe("New server registered.");
  await haproxy.command("set server web-dev/i-1 state drain");
  await haproxy.command("enable health web-dev/i-1");
}

async function until(look: () => Promise<boolean>): Promise<void> {
  await waitFor(look, { what: String(look), timeout: 5_000, every: 50 });
}

async function server() {
  const [first] = await haproxy.servers("web-dev");
  if (!first) throw new Error("web-dev has no server");
  return first;
}

function overTcp(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(haproxy.runtime);
    let answer = "";
    socket.setTimeout(500, () => socket.destroy(new Error("no answer")));
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.once("error", reject);
    socket.once("end", () => resolve(answer.trim()));
    socket.write(`${command}\n`);
  });
}
