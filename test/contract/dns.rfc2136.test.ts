import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { exec } from "../../src/adapters/host/exec.ts";
import { claimRdata } from "../../src/adapters/host/dns/ownership.ts";
import { textOf } from "../../src/adapters/host/dns/rdata.ts";
import { sendUpdate } from "../../src/adapters/local/nsupdate.ts";
import { createRfc2136 } from "../../src/adapters/local/rfc2136.ts";
import type { DnsRecord, Owner } from "../../src/domain/membership/membership.ts";
import type { Dns } from "../../src/ports/dns.ts";
import { run } from "../lab/run.ts";
import { startDnsServer, type DnsServer } from "../lab/services/dns-server.ts";
import { dnsSuite } from "./dns.suite.ts";

const zone = "example.internal";
const serverAddress = "127.66.11.6";
const signal = new AbortController().signal;
const me: Owner = { account: "local", region: "rack-1", instance: "i-1" };
let server: DnsServer;
let dir: string;

beforeAll(async () => {
  // named listens on addresses that an interface has, and 127.0.0.0/8 is on none but by its first.
  await run(["ip", "address", "replace", `${serverAddress}/32`, "dev", "lo"]);
  dir = await mkdtemp(join(tmpdir(), "muster-dns-"));
  server = await startDnsServer({
    address: serverAddress,
    dir,
    zone,
    records: [{ name: "*.wild", type: "A", data: "10.99.99.99" }],
  });
});

afterAll(async () => {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
  await run(["ip", "address", "del", `${serverAddress}/32`, "dev", "lo"]);
});

/** Puts there what so many instances publish at a name. */
async function plant(at: DnsServer, name: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, of) => {
    const record: DnsRecord = { zone, name, type: "A", ttl: 30, value: `10.1.${of >> 8}.${of & 255}` };
    const claim = claimRdata(record, { ...me, instance: `machine-${of}` });
    return `update add ${name}. 30 A ${record.value}\nupdate add _muster.${name}. 30 TXT ${claim}`;
  });
  for (let from = 0; from < count; from += 200) {
    const input = `server ${at.address}\nzone ${zone}.\n${lines.slice(from, from + 200).join("\n")}\nsend\n`;
    const result = await exec({ argv: ["nsupdate", "-v", "-k", at.keyFile], input, timeoutMs: 20_000, signal });
    expect(result).toMatchObject({ code: 0 });
  }
}

function dns(keyFile = server.keyFile): Dns {
  return createRfc2136({ at: { server: server.address, port: 53, keyFile }, exec, clock: createClock() });
}

function address(label: string): DnsRecord {
  return { zone, name: `${label}.${zone}`, type: "A", ttl: 30, value: "10.0.0.1" };
}

async function publish(record: DnsRecord, through = dns()): Promise<void> {
  await through.apply({ zone: record.zone, publish: [record], withdraw: [] }, me, signal);
}

dnsSuite("BIND by RFC 2136", () => ({
  dns: dns(),
  zone,
  async plant({ name, ttl, type, value }) {
    const input = `server ${server.address}\nzone ${zone}.\nupdate add ${name}. ${ttl} ${type} ${value}\nsend\n`;
    const result = await exec({ argv: ["nsupdate", "-k", server.keyFile], input, timeoutMs: 5_000, signal });
    expect(result).toMatchObject({ code: 0 });
  },
  async ask(name, type) {
    const data = await server.query(name, type);
    return data.map((one) => (type === "TXT" ? textOf(one) : one.replace(/\.$/, ""))).toSorted();
  },
}));

describe("RFC 2136", () => {
  test("a record and its ownership TXT come and go together", async () => {
    const record = address("owned");
    await publish(record);
    const claim = await server.query(`_muster.${record.name}`, "TXT");
    expect(claim).toEqual(['"heritage=muster,account=local,region=rack-1,instance=i-1,type=A,value=10.0.0.1"']);
    await dns().apply({ zone, publish: [], withdraw: [record] }, me, signal);
    expect(await server.query(`_muster.${record.name}`, "TXT")).toEqual([]);
  });

  test("a wildcard of the zone holds no name: a record under it is published and withdrawn", async () => {
    const record = address("one.wild");
    expect(await dns().observe([record], me, signal)).toEqual([{ kind: "absent" }]);
    await publish(record);
    expect(await server.query(record.name, "A")).toEqual(["10.0.0.1"]);
    await dns().apply({ zone, publish: [], withdraw: [record] }, me, signal);
    expect(await server.query(record.name, "A")).toEqual(["10.99.99.99"]);
  });

  test.each([
    ["another secret", () => server.wrongKeyFile, /signature is wrong/],
    ["a key that the server does not know", () => server.unknownKeyFile, /does not know the key/],
  ])("%s is dns-refused, changes nothing, and is found by a look", async (_what, keyFile, message) => {
    const refused = { code: "dns-refused", transient: false, message: expect.stringMatching(message) as string };
    await expect(publish(address("refused"), dns(keyFile()))).rejects.toMatchObject(refused);
    await expect(dns(keyFile()).check({ zone }, signal)).rejects.toMatchObject(refused);
    expect(await server.query(`refused.${zone}`, "A")).toEqual([]);
  });

  test("an update that the server's policy refuses is dns-refused", async () => {
    await server.refuseUpdates(true);
    await expect(publish(address("policy"))).rejects.toMatchObject({ code: "dns-refused", transient: false });
    await expect(dns().check({ zone }, signal)).rejects.toMatchObject({ code: "dns-refused", transient: false });
    await server.refuseUpdates(false);
    await publish(address("policy"));
  });

  test("a weighted record is refused in plain words, a multivalue one is a value as any other", async () => {
    const weighted = { ...address("canary"), routing: { policy: "weighted", weight: 5 } } as const;
    expect(await dns().observe([weighted], me, signal)).toEqual([{ kind: "absent" }]);
    await expect(publish(weighted)).rejects.toMatchObject({ code: "dns-routing-unsupported" });
    await dns().apply({ zone, publish: [], withdraw: [weighted] }, me, signal);
    const multivalue = { ...address("many"), routing: { policy: "multivalue" } } as const;
    await publish(multivalue);
    expect(await dns().observe([multivalue], me, signal)).toEqual([{ kind: "present" }]);
  });

  test("a key file that is missing is said, and a broken one never shows what is in it", async () => {
    const unreadable = dns(join(dir, "none"));
    await expect(publish(address("x"), unreadable)).rejects.toMatchObject({ code: "dns-key-unreadable" });
    await expect(unreadable.check({ zone }, signal)).rejects.toMatchObject({ code: "dns-key-unreadable" });
    const secret = /secret "(.+)"/.exec(await readFile(server.wrongKeyFile, "utf8"))?.[1] ?? "";
    const failure: unknown = await publish(address("x"), dns(server.wrongKeyFile)).catch((error: unknown) => error);
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(secret);
  });

  test("a server that is down, and one that never answers, are errors of their own", async () => {
    const refused = { code: "dns-connection-refused", transient: true };
    const record = address("down");
    await server.stop();
    await expect(dns().observe([record], me, signal)).rejects.toMatchObject(refused);
    await expect(publish(record)).rejects.toMatchObject(refused);
    await server.blackhole();
    await expect(dns().observe([record], me, signal)).rejects.toMatchObject({ code: "dns-timeout", transient: true });
    await server.start();
    expect(await dns().observe([record], me, signal)).toEqual([{ kind: "absent" }]);
  });

  test("a name that does not resolve, for questions and for updates", async () => {
    const at = { server: "ns1.invalid", port: 53, keyFile: server.keyFile };
    const unresolved = {
      code: "dns-name-unresolved",
      transient: true,
      message: "The DNS server ns1.invalid port 53 cannot be asked: its name does not resolve",
    };
    const lost = createRfc2136({ at, exec, clock: createClock() });
    await expect(lost.observe([address("lost")], me, signal)).rejects.toMatchObject(unresolved);
    await expect(sendUpdate(at, zone, [], exec, signal)).rejects.toMatchObject(unresolved);
  });

  test("BIND's limit of 100 records is told as that, and not as a server in trouble; an instance can still leave", async () => {
    const { name } = address("full");
    await plant(server, name, 100);
    await expect(publish({ ...address("full"), value: "10.2.0.1" })).rejects.toMatchObject({
      code: "dns-name-full",
      transient: false,
      message: `A ${name} or its ownership name has 100 records, and the DNS server takes no more (SERVFAIL)`,
      hint: expect.stringContaining("max-records-per-type") as string,
    });
    const first = { ...address("full"), value: "10.1.0.0" };
    await dns().apply({ zone, publish: [], withdraw: [first] }, { ...me, instance: "machine-0" }, signal);
    await publish({ ...address("full"), value: "10.2.0.1" });
  });

  test("400 instances share a name where the server takes so many; what no message holds is told", async () => {
    await server.stop();
    const options = { address: serverAddress, dir: await mkdtemp(join(dir, "large-")), zone, records: [] };
    const large = await startDnsServer({ ...options, recordsPerType: 0 });
    try {
      const { name } = address("large");
      await plant(large, name, 399);
      const at = { server: large.address, port: 53, keyFile: large.keyFile };
      const through = createRfc2136({ at, exec, clock: createClock() });
      const mine = { ...address("large"), value: "10.2.0.1" };
      await publish(mine, through);
      expect(await through.observe([mine], me, signal)).toEqual([{ kind: "present" }]);
      await through.apply({ zone, publish: [], withdraw: [mine] }, me, signal);
      expect(await large.query(name, "A")).toHaveLength(399);
      const { name: larger } = address("larger");
      await plant(large, larger, 600);
      const refused = publish({ ...mine, name: larger }, through);
      await expect(refused).rejects.toMatchObject({ code: "dns-name-full", transient: false });
    } finally {
      await large.stop();
      await server.start();
    }
  });
});
