import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClock } from "../../src/adapters/host/clock.ts";
import { exec } from "../../src/adapters/host/exec.ts";
import { createRfc2136Slots } from "../../src/adapters/local/rfc2136-slots.ts";
import type { Slot } from "../../src/domain/membership/slot.ts";
import type { Slots } from "../../src/ports/slots.ts";
import { run } from "../lab/run.ts";
import { startDnsServer, type DnsServer } from "../lab/services/dns-server.ts";
import { slotsSuite } from "./slots.suite.ts";

const zone = "example.internal";
const serverAddress = "127.66.11.7";
const signal = new AbortController().signal;
const me = { account: "local", region: "rack-1", instance: "i-1" };
let server: DnsServer;
let dir: string;

beforeAll(async () => {
  // named listens on addresses that an interface has, and 127.0.0.0/8 is on none but by its first.
  await run(["ip", "address", "replace", `${serverAddress}/32`, "dev", "lo"]);
  dir = await mkdtemp(join(tmpdir(), "muster-slots-"));
  const records = [{ name: "*.wild", type: "TXT", data: '"v=spf1 -all"' }];
  server = await startDnsServer({ address: serverAddress, dir, zone, records });
});

afterAll(async () => {
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
  await run(["ip", "address", "del", `${serverAddress}/32`, "dev", "lo"]);
});

function slots(aheadMs = 0, keyFile = server.keyFile): Slots {
  const clock = createClock();
  const now = () => new Date(clock.now().getTime() + aheadMs);
  return createRfc2136Slots({ at: { server: server.address, port: 53, keyFile }, exec, clock: { ...clock, now } });
}

function slotAt(name: string): Slot {
  return { zone, name: `${name}.${zone}`, count: 1 };
}

async function plant(name: string, data: string): Promise<void> {
  const input = `server ${server.address}\nzone ${zone}.\nupdate add ${name}. 30 ${data}\nsend\n`;
  const result = await exec({ argv: ["nsupdate", "-k", server.keyFile], input, timeoutMs: 5_000, signal });
  expect(result).toMatchObject({ code: 0 });
}

slotsSuite("BIND by RFC 2136", () => ({
  slots,
  zone,
  plant: ({ name }, number) => plant(`_muster-slot-${number}.${name}`, "TXT reserved"),
}));

describe("slots by RFC 2136", () => {
  test("the record names its holder, and goes when it is given back", async () => {
    const slot = slotAt("named");
    const taken = await slots().take(slot, me, 60_000, signal);
    const until = taken.kind === "taken" ? taken.until : "";
    const name = `_muster-slot-1.named.${zone}`;
    expect(await server.query(name, "TXT")).toEqual([
      `"heritage=muster-slot,account=local,region=rack-1,instance=i-1,until=${until}"`,
    ]);
    await slots().release(slot, me, signal);
    expect(await server.query(name, "TXT")).toEqual([]);
  });

  test("a wildcard of the zone holds no slot, an alias is in the way of one", async () => {
    const wild = { ...slotAt("wild") };
    expect(await slots().take(wild, me, 60_000, signal)).toMatchObject({ kind: "taken" });
    expect(await slots().take(wild, { ...me, instance: "i-2" }, 60_000, signal)).toMatchObject({ kind: "busy" });
    await plant(`_muster-slot-1.alias.${zone}`, "CNAME elsewhere.example.");
    expect(await slots().take(slotAt("alias"), me, 60_000, signal)).toEqual({ kind: "busy", owners: [{ number: 1 }] });
  });

  test("a refused key is said, and takes nothing", async () => {
    const refused = slots(0, server.wrongKeyFile).take(slotAt("refused"), me, 60_000, signal);
    await expect(refused).rejects.toMatchObject({ code: "dns-refused" });
    expect(await slots().take(slotAt("refused"), { ...me, instance: "i-2" }, 60_000, signal)).toMatchObject({
      kind: "taken",
    });
  });

  test("a server that is gone is transient for all three; what was held is held when it is back", async () => {
    const slot = slotAt("gone");
    await slots().take(slot, me, 60_000, signal);
    await server.stop();
    const unreachable = { code: "dns-connection-refused", transient: true };
    await expect(slots().take(slot, me, 60_000, signal)).rejects.toMatchObject(unreachable);
    await expect(slots().renew(slot, me, 60_000, signal)).rejects.toMatchObject(unreachable);
    await expect(slots().release(slot, me, signal)).rejects.toMatchObject(unreachable);
    await server.start();
    expect(await slots().renew(slot, me, 60_000, signal)).toMatchObject({ number: 1 });
  });
});
