import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { startDnsServer, type DnsServer } from "../../lab/services/dns-server.ts";
import { run } from "../../lab/run.ts";

const address = "127.66.1.5";
let work: string;
let dns: DnsServer;

beforeAll(async () => {
  // named listens on addresses that an interface has, and 127.0.0.0/8 is on none but by its first.
  await run(["ip", "address", "replace", `${address}/32`, "dev", "lo"]);
  work = await mkdtemp(join(tmpdir(), "muster-dns-"));
  dns = await startDnsServer({
    address,
    dir: work,
    zone: "example.internal",
    records: [{ name: "www", type: "A", data: "127.66.1.4" }],
  });
});

afterAll(async () => {
  await dns?.stop();
  await rm(work, { recursive: true, force: true });
  await run(["ip", "address", "del", `${address}/32`, "dev", "lo"]);
});

beforeEach(async () => {
  await dns.start();
});

test("answers for its zone, and at once NXDOMAIN for the rest of the world", async () => {
  expect(await dns.query("www.example.internal", "A")).toEqual(["127.66.1.4"]);
  expect(await dns.query("nothing.example.internal", "A")).toEqual([]);
  const { stdout } = await run(["dig", `@${address}`, "+time=1", "+tries=1", "deb.debian.org", "A"]);
  expect(stdout).toContain("status: NXDOMAIN");
});

test("takes an update signed with its key, and keeps it over a restart", async () => {
  await update(
    dns.keyFile,
    "update add i-1.example.internal 30 A 10.66.0.11",
    'update add i-1.example.internal 30 TXT "a  b"',
  );
  await dns.stop();
  await dns.start();

  expect(await dns.query("i-1.example.internal", "A")).toEqual(["10.66.0.11"]);
  expect(await dns.records()).toContainEqual({ name: "i-1.example.internal", ttl: 30, type: "TXT", data: '"a  b"' });
  expect((await dns.updateLog()).join("\n")).toContain("adding an RR at 'i-1.example.internal' A 10.66.0.11");
});

test.each([
  ["the right name and another secret", () => dns.wrongKeyFile, "NOTAUTH(BADSIG)"],
  ["a key it does not know", () => dns.unknownKeyFile, "NOTAUTH(BADKEY)"],
])("refuses an update signed with %s", async (_, key, error) => {
  await expect(update(key(), "update add i-2.example.internal 30 A 10.66.0.12")).rejects.toThrow(error);
  expect(await dns.query("i-2.example.internal", "A")).toEqual([]);
});

test("refuses an update that nobody signed", async () => {
  await expect(update(undefined, "update add i-2.example.internal 30 A 10.66.0.12")).rejects.toThrow("REFUSED");
});

test("can refuse every update for a while", async () => {
  await dns.refuseUpdates(true);
  await expect(update(dns.keyFile, "update add i-3.example.internal 30 A 10.66.0.13")).rejects.toThrow("REFUSED");

  await dns.refuseUpdates(false);
  await update(dns.keyFile, "update add i-3.example.internal 30 A 10.66.0.13");
  expect(await dns.query("i-3.example.internal", "A")).toEqual(["10.66.0.13"]);
});

test("a prerequisite that fails changes nothing", async () => {
  const lines = ["prereq nxdomain www.example.internal", "update add www.example.internal 30 A 10.66.0.99"];
  await expect(update(dns.keyFile, ...lines)).rejects.toThrow("YXDOMAIN");
  expect(await dns.query("www.example.internal", "A")).toEqual(["127.66.1.4"]);
});

test("can be down and can hang", async () => {
  await dns.stop();
  await expect(dns.query("www.example.internal", "A")).rejects.toThrow("connection refused");
  await dns.blackhole();
  await expect(dns.query("www.example.internal", "A")).rejects.toThrow("timed out");
});

async function update(key: string | undefined, ...lines: string[]): Promise<void> {
  const input = [`server ${address}`, "zone example.internal", ...lines, "send", ""].join("\n");
  await run(["nsupdate", ...(key === undefined ? [] : ["-k", key])], { input });
}
